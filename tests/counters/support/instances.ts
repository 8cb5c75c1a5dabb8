import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Place, Task } from './place.ts'

/** A process that uses the counters; see instance.ts. */
export interface Instance {
  readonly owner: string
  /** Ids that passed so far, of all tasks. */
  readonly passed: readonly string[]
  readonly begin: (task: Task) => void
  /** Until it has said a line that fits. Fails when it ends before. */
  readonly said: (fits: (line: string) => boolean) => Promise<void>
  /** Ends it on the spot. */
  readonly kill: () => Promise<void>
}

export function startInstance(place: Place, owner: string): Instance {
  const script = fileURLToPath(new URL('instance.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify({ ...place, owner })], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface(child.stdout).on('line', (line) => {
    lines.push(line)
    for (const look of waiting) look()
  })
  return {
    owner,
    get passed() {
      return lines.filter((line) => line.includes('/'))
    },
    begin: (task) => void child.stdin.write(`${JSON.stringify(task)}\n`),
    said: async (fits) => {
      const told = new Promise<void>((resolve) => {
        const look = (): void => {
          if (!lines.some(fits)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
      const gone = ended.then(() => {
        throw new Error(`the instance '${owner}' ended too early`)
      })
      gone.catch(() => undefined)
      await Promise.race([told, gone])
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
