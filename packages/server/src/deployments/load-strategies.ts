import type { Strategy } from '@switchyard/llm/kit'
import { pathToFileURL } from 'node:url'
import type { RoutingConfig } from '../config/index.ts'

/**
 * Loads the strategies of one's own that the configuration names. Only the configuration's file names them: they are
 * code.
 *
 * @throws when there is no such file, or no strategy of that name in it.
 */
export async function loadStrategies({
  strategyFiles,
}: RoutingConfig): Promise<ReadonlyMap<string, Strategy>> {
  const loaded = await Promise.all(
    Object.entries(strategyFiles).map(async ([written, file]) => [written, await load(file)] as const),
  )
  return new Map(loaded)
}

async function load({ path, name }: { path: string; name: string }): Promise<Strategy> {
  const module = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>
  const found = module[name]
  if (typeof found === 'function') return { id: name, pick: found as Strategy['pick'] }
  if (isStrategy(found)) return found
  throw new TypeError(
    `routing_strategy: ${path} exports no strategy ${name}. Write: export function ${name}(candidates, context) { return candidates[0] }`,
  )
}

function isStrategy(value: unknown): value is Strategy {
  return typeof value === 'object' && value !== null && 'pick' in value && typeof value.pick === 'function'
}
