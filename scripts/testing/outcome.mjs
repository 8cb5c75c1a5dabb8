import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {object} Outcome how one stage ended
 * @property {'passed' | 'failed' | 'not run'} status
 * @property {number} passed tests that passed; 0 for a stage that is not made of tests
 * @property {number} failed tests that failed; a stage that is not made of tests counts as one
 * @property {number} skipped tests that were written but did not run
 * @property {string} output what to show when it failed
 * @property {string} reason why it did not run
 * @property {readonly string[]} notes what was left out, by name, and what the tests themselves said about it
 */

/** @returns {Outcome} */
export function notRun(reason) {
  return { status: 'not run', passed: 0, failed: 0, skipped: 0, output: '', reason, notes: [] }
}

/** A stage that should have run and could not: one failure. @returns {Outcome} */
export function failed(output) {
  return { status: 'failed', passed: 0, failed: 1, skipped: 0, output, reason: '', notes: [] }
}

/** A check that is not made of tests. @returns {Outcome} */
export function fromCheck({ ok, output }) {
  return ok
    ? { status: 'passed', passed: 0, failed: 0, skipped: 0, output, reason: '', notes: [] }
    : failed(output)
}

/** @returns {Outcome} */
export function fromVitest(result, reportPath) {
  const report = readReport(reportPath)
  if (report === undefined) return failed(`${result.output}\n(vitest left no report)`)
  const { testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(report)
  // A file that cannot even be loaded has no test that could be counted as failed.
  const brokenFiles = testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const skipped = testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => ['pending', 'skipped', 'todo'].includes(test.status))
  return fromCounts(
    result,
    {
      passed: numPassedTests,
      failed: numFailedTests + brokenFiles.length,
      skipped: numPendingTests + numTodoTests,
    },
    skipped.map((test) => test.fullName),
  )
}

/** Reads the JUnit report that pytest writes. @returns {Outcome} */
export function fromPytest(result, reportPath) {
  const report = readReport(reportPath)
  if (report === undefined) return failed(`${result.output}\n(pytest left no report)`)
  const suite = /<testsuite\b[^>]*>/.exec(report)?.[0] ?? ''
  const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0)
  const bad = count('failures') + count('errors')
  return fromCounts(result, {
    passed: count('tests') - bad - count('skipped'),
    failed: bad,
    skipped: count('skipped'),
  })
}

function fromCounts({ ok, output }, counts, skipped = []) {
  // A run can fail without a failing test (an unhandled rejection, a crashed worker): that is one failure.
  const failures = ok ? counts.failed : Math.max(1, counts.failed)
  return {
    status: failures === 0 ? 'passed' : 'failed',
    passed: counts.passed,
    failed: failures,
    skipped: counts.skipped,
    output,
    reason: '',
    notes: [...remarks(output), ...shortened(skipped.map((name) => `skipped: ${name}`))],
  }
}

/** Lines in which a test says that something was not run. */
function remarks(output) {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
  return [...new Set(lines.filter((line) => /\bnot run\b/.test(line) && !/^[✓×↓❯]/.test(line)))]
}

function shortened(lines, limit = 5) {
  return lines.length <= limit
    ? lines
    : [...lines.slice(0, limit), `… and ${lines.length - limit} more that were skipped`]
}

function readReport(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
