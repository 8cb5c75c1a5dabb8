/** Runs something once after a time, and gives a way to call it off. Nothing scheduled keeps the process alive. */
export type Schedule = (ms: number, run: () => void) => () => void

export const timers: Schedule = (ms, run) => {
  const timer = setTimeout(run, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
