import type { Schedule } from '../schedule.ts'

/** A clock that moves when it is told to. */
export interface ManualSchedule {
  readonly schedule: Schedule
  readonly nowMs: () => number
  /** Runs what is due until then. */
  readonly pass: (ms: number) => void
}

export function manualSchedule(startMs: number): ManualSchedule {
  let nowMs = startMs
  let tasks: { atMs: number; run: () => void }[] = []
  return {
    schedule: (ms, run) => {
      const task = { atMs: nowMs + ms, run }
      tasks.push(task)
      return () => {
        tasks = tasks.filter((other) => other !== task)
      }
    },
    nowMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms
      const due = tasks.filter((task) => task.atMs <= nowMs)
      tasks = tasks.filter((task) => task.atMs > nowMs)
      for (const task of due) task.run()
    },
  }
}
