// `npm test`: everything that must hold, one line per stage, then the sum.
//   npm test -- --only types,unit     runs only these stages
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ensureInstalled, root } from './ensure-installed.mjs'

ensureInstalled()

const { runTool } = await import('./testing/command.mjs')
const { failed, fromCheck, fromVitest, notRun } = await import('./testing/outcome.mjs')
const { examples } = await import('./testing/examples.mjs')
const { pythonClients } = await import('./testing/python.mjs')
const { startServices } = await import('./testing/services.mjs')

const reports = mkdtempSync(join(tmpdir(), 'switchyard-reports-'))
process.on('exit', () => rmSync(reports, { recursive: true, force: true }))

const check =
  (tool, ...parameters) =>
  async () =>
    fromCheck(await runTool(tool, parameters))

const vitest =
  (name, folder, ...parameters) =>
  async (environment) => {
    if (!holdsTests(join(root, folder))) return notRun(`${folder} holds no tests`)
    const report = join(reports, `${name}.json`)
    // `dot` prints what tests say and what fails, and one character for the rest.
    const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
    const result = await runTool('vitest', ['run', '--dir', folder, ...parameters, ...reporters], environment)
    return fromVitest(result, report)
  }

/** What has a stage of its own; every other test file, wherever it lies, is in the unit stage. */
const notUnit = ['tests/architecture.test.ts', 'tests/packages.test.ts', 'tests/clients/**']

/**
 * In the order in which they are reported. `static` stages only read the source and run beside each other.
 * `services` names what scripts/services.sh must have started ('postgres', 'redis').
 */
const stages = [
  { name: 'format', static: true, run: check('oxfmt', '--check') },
  { name: 'lint', static: true, run: check('oxlint', '--deny-warnings') },
  { name: 'types', static: true, run: check('tsc', '--noEmit') },
  { name: 'dead code', static: true, run: check('knip', '--no-progress') },
  {
    name: 'unit',
    services: ['postgres', 'redis'],
    run: vitest('unit', '.', ...notUnit.flatMap((pattern) => ['--exclude', pattern])),
  },
  { name: 'architecture', run: vitest('architecture', 'tests', 'architecture.test.ts') },
  { name: 'packages', run: vitest('packages', 'tests', 'packages.test.ts') },
  { name: 'clients', services: ['postgres', 'redis'], run: vitest('clients', 'tests/clients') },
  { name: 'python clients', run: () => pythonClients(join(reports, 'python.xml')) },
  { name: 'examples', run: examples },
]

const chosen = choose(stages)
const services = await startServices([...new Set(chosen.flatMap((stage) => stage.services ?? []))])
const sum = { passed: 0, failed: 0 }
const started = startStatic(chosen.filter((stage) => stage.static))
for (const stage of chosen) report(stage, await (started.get(stage) ?? timed(stage)))
process.stdout.write(`tests: ${sum.passed} passed, ${sum.failed} failed\n`)
process.exit(sum.failed === 0 ? 0 : 1)

/** Two at a time: the checks are small, and each of them is busy on one core for most of its time. */
function startStatic(list) {
  const started = new Map()
  const lanes = [Promise.resolve(), Promise.resolve()]
  for (const [index, stage] of list.entries()) {
    const lane = index % lanes.length
    started.set(stage, (lanes[lane] = lanes[lane].then(() => timed(stage))))
  }
  return started
}

async function timed(stage) {
  const begin = performance.now()
  let outcome
  if (stage.services !== undefined && services.problem !== undefined) {
    outcome = failed(`needs ${stage.services.join(' and ')}:\n${services.problem}`)
  } else {
    outcome = await stage.run(services.environment)
  }
  return { ...outcome, seconds: (performance.now() - begin) / 1000 }
}

function report(stage, outcome) {
  sum.passed += outcome.passed
  sum.failed += outcome.failed
  const label = stage.name.padEnd(15)
  if (outcome.status === 'not run') {
    process.stdout.write(`- ${label} not run: ${outcome.reason}\n`)
    return
  }
  const counts = [
    ...(outcome.passed > 0 ? [`${outcome.passed} passed`] : []),
    ...(outcome.failed > 0 ? [`${outcome.failed} failed`] : []),
    ...(outcome.skipped > 0 ? [`${outcome.skipped} skipped`] : []),
  ]
  const time = `${outcome.seconds.toFixed(1)} s`.padStart(7)
  const line = [`${outcome.status === 'passed' ? '✓' : '✗'} ${label} ${time}`, counts.join(', ')]
  process.stdout.write(`${line.join('   ').trimEnd()}\n`)
  if (outcome.status === 'failed') process.stdout.write(`${outcome.output.trimEnd()}\n`)
  else for (const note of outcome.notes) process.stdout.write(`    ${note}\n`)
}

function choose(list) {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  if (values.only === undefined) return list
  const names = values.only.split(',').map((name) => name.trim())
  const unknown = names.filter((name) => !list.some((stage) => isNamed(stage, name)))
  if (unknown.length > 0) {
    const known = list.map((stage) => stage.name.replaceAll(' ', '-')).join(', ')
    process.stderr.write(`No such stage: ${unknown.join(', ')}. Stages: ${known}\n`)
    process.exit(2)
  }
  return list.filter((stage) => names.some((name) => isNamed(stage, name)))
}

/** `--only dead-code` is easier to type than `--only 'dead code'`; both work. */
function isNamed(stage, name) {
  return stage.name.replaceAll(' ', '-') === name.replaceAll(' ', '-')
}

function holdsTests(folder) {
  if (!existsSync(folder)) return false
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return false
    return entry.isDirectory() ? holdsTests(join(folder, entry.name)) : entry.name.endsWith('.test.ts')
  })
}
