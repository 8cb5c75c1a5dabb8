export type Verdict = 'ok' | 'warning' | 'failure'

/** One thing that was looked at. */
export interface Check {
  verdict: Verdict
  /** `node`, `config`, a model group … */
  subject: string
  message: string
  /** What to do, unless all is well. */
  fix?: string | undefined
}

/** A line for each check and what to do below it, and a last line with the sum. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ subject }) => subject.length))
  const lines = checks.flatMap(({ verdict, subject, message, fix }) => {
    const line = `${verdict.padEnd('failure'.length)}  ${subject.padEnd(width)}  ${message}`
    return fix === undefined ? [line] : [line, `${' '.repeat('failure'.length + width + 4)}→ ${fix}`]
  })
  const counted = (verdict: Verdict, many: string): string => {
    const count = checks.filter((check) => check.verdict === verdict).length
    return `${count} ${count === 1 ? verdict : many}`
  }
  const sum = [counted('ok', 'ok'), counted('warning', 'warnings'), counted('failure', 'failures')].join(', ')
  return `${[...lines, sum].join('\n')}\n`
}
