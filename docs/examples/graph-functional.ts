import {
  Command,
  entrypoint,
  getPreviousState,
  interrupt,
  isInterrupted,
  MemorySaver,
  task,
} from '@switchyard/graph'

// #region tasks
let fetched = 0
const fetchPage = task({ name: 'fetchPage', retry: { maxAttempts: 3 } }, async (url: string) => {
  fetched += 1
  return `text of ${url}`
})
const report = entrypoint(
  { name: 'report', checkpointer: new MemorySaver() },
  async (urls: string[]): Promise<string> => {
    const pages = await Promise.all(urls.map(fetchPage))
    const verdict = interrupt<string, string>(`publish ${pages.length} pages?`)
    return `${verdict}: ${pages.join('; ')}`
  },
)

const thread = { configurable: { thread_id: 'report' } }
console.log(isInterrupted(await report.invoke(['/a', '/b'], thread))) // true
console.log(await report.invoke(new Command({ resume: 'yes' }), thread)) // yes: text of /a; text of /b
console.log(fetched) // 2: the tasks did not run again
// #endregion

// #region previous
const total = entrypoint({ name: 'total', checkpointer: new MemorySaver() }, async (amount: number) => {
  const before = getPreviousState<number>() ?? 0
  return entrypoint.final({ value: `${before} + ${amount}`, save: before + amount })
})
await total.invoke(2, thread)
console.log(await total.invoke(3, thread)) // 2 + 3
// #endregion
