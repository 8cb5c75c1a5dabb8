/**
 * One instance of several: says `ready`, then takes a task a line. It sends all requests of a task at once, writes the
 * id of each that passes, and `done <scope>`; everything stays held until somebody else settles it.
 */
import { createInterface } from 'node:readline'
import { ask, openCounters } from './place.ts'
import type { Place, Task } from './place.ts'

const { owner, ...place } = JSON.parse(process.argv[2] ?? '') as Place & { owner: string }
const { counters } = await openCounters(place)
await counters.read([{ scope: { kind: 'run', id: 'nobody' }, windowId: 'all' }])
process.stdout.write('ready\n')

for await (const line of createInterface(process.stdin)) {
  const task = JSON.parse(line) as Task
  await Promise.all(
    Array.from({ length: task.requests }, async (_, index) => {
      const requestId = `${task.scope}/${owner}/${index}`
      const { admitted } = await counters.admit(ask(requestId, owner, task))
      if (admitted) process.stdout.write(`${requestId}\n`)
    }),
  )
  process.stdout.write(`done ${task.scope}\n`)
}
process.exit(0)
