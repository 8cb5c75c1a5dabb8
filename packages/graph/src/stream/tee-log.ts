import type { EventLog } from './event-log.ts'

/** One log that tells several; `undefined` when there is none. */
export function teeLogs(logs: readonly (EventLog | undefined)[]): EventLog | undefined {
  const present = [...new Set(logs)].filter((log) => log !== undefined)
  if (present.length < 2) return present[0]
  return {
    modes: new Set(present.flatMap(({ modes }) => [...modes])),
    subgraphs: present.some(({ subgraphs }) => subgraphs),
    wants: (type) => present.some((log) => log.wants(type)),
    emit: (namespace, event) => {
      for (const log of present) log.emit(namespace, event)
    },
  }
}
