import type { BaseCache, CacheKey } from '../cache/cache.ts'
import { hash128 } from './ids.ts'
import type { Task, Write } from './task.ts'

/** The first level of the namespaces of kept writes. */
const WRITES = '__pregel_ns_writes'

/** What a task's result is kept under; `undefined` when it is not to be kept. */
function cacheKeyOf(graph: string, task: Task): CacheKey | undefined {
  const policy = task.node.cache
  if (policy === undefined) return undefined
  const text = policy.keyFunc === undefined ? JSON.stringify([task.input]) : policy.keyFunc([task.input])
  const namespace = task.isCalled ? [WRITES, task.name] : [WRITES, graph, task.name]
  return [namespace, hash128(String(text))]
}

/** Puts kept results into tasks that wait. @returns those that are done by it. */
export async function recallFromCache(
  cache: BaseCache,
  graph: string,
  tasks: readonly Task[],
): Promise<Task[]> {
  const wanted = new Map<string, { readonly key: CacheKey; readonly tasks: Task[] }>()
  for (const task of tasks) {
    const key = task.status === 'waiting' ? cacheKeyOf(graph, task) : undefined
    if (key === undefined) continue
    const id = JSON.stringify(key)
    const entry = wanted.get(id)
    if (entry === undefined) wanted.set(id, { key, tasks: [task] })
    else entry.tasks.push(task)
  }
  if (wanted.size === 0) return []
  const found = await cache.get([...wanted.values()].map(({ key }) => key))
  return found.flatMap(({ key, value }) => {
    const hit = wanted.get(JSON.stringify(key))?.tasks ?? []
    for (const task of hit) {
      task.writes = [...(value as Write[])]
      task.status = 'done'
      task.cached = true
    }
    return hit
  })
}

/** Keeps a task's result. A cache that fails costs a repetition, not the run. */
export async function keepInCache(cache: BaseCache, graph: string, task: Task): Promise<void> {
  try {
    const key = cacheKeyOf(graph, task)
    if (key !== undefined) await cache.set([{ key, value: task.writes, ttl: task.node.cache?.ttl }])
  } catch {
    return
  }
}
