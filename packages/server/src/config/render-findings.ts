import type { Finding } from './findings.ts'
import { compareFindings } from './findings.ts'

/** `EX_CONFIG` of sysexits.h: the process ends because of its configuration. */
const configurationExitCode = 78

/** What the process ends with when this is all that loading gave: 78 when there is an error, else 0. */
export function exitCodeFor(result: { findings: readonly Finding[] }): 0 | 78 {
  return result.findings.some((finding) => finding.level === 'error') ? configurationExitCode : 0
}

/**
 * The findings as lines for a terminal, worst first, each as `file:line:column level path: message — fix`, and a
 * last line with the sum. Empty when there are none.
 */
export function renderFindings(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  const lines = findings.toSorted(compareFindings).map(renderFinding)
  return [...lines, renderSum(findings)].join('\n')
}

/** One finding as one line. */
export function renderFinding(finding: Finding): string {
  const place = `${finding.file}:${finding.line}:${finding.column}`
  const subject = finding.path === '' ? '' : ` ${finding.path}`
  const fix = finding.fix === undefined ? '' : ` — ${finding.fix}`
  return `${place} ${finding.level}${subject}: ${finding.message}${fix}`
}

function renderSum(findings: readonly Finding[]): string {
  const sums = (['error', 'warning', 'info'] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length
    if (count === 0) return []
    const noun = level === 'info' ? (count === 1 ? 'note' : 'notes') : count === 1 ? level : `${level}s`
    return [`${count} ${noun}`]
  })
  return sums.join(', ')
}
