import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../ensure-installed.mjs'
import { run } from './command.mjs'
import { failed, fromPytest, notRun } from './outcome.mjs'

const folder = join(root, 'tests', 'clients', 'python')
const environmentFolder = join(root, 'node_modules', '.cache', 'switchyard-python')

/**
 * Runs the Python clients' tests in their own virtual environment.
 * CI must run them; elsewhere a machine without venv or without PyPI gets one line that says so.
 */
export async function pythonClients(reportPath) {
  const tests = existsSync(folder) ? readdirSync(folder).filter((name) => /^test_.*\.py$/.test(name)) : []
  if (tests.length === 0) return notRun('tests/clients/python holds no tests')
  const problem = await prepare()
  if (problem !== undefined) {
    const must = process.env.CI === 'true' || problem.ours === true
    return must ? failed(`${problem.what}\n${problem.output}`) : notRun(problem.what)
  }
  const python = join(environmentFolder, 'bin', 'python')
  const parameters = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', `--junitxml=${reportPath}`, folder]
  return fromPytest(await run(python, parameters, { PYTHONDONTWRITEBYTECODE: '1' }), reportPath)
}

/** Makes the virtual environment unless one for exactly these requirements is there. */
async function prepare() {
  const requirements = join(folder, 'requirements.txt')
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex')
  const stamp = join(environmentFolder, 'requirements.sha256')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return undefined
  rmSync(environmentFolder, { recursive: true, force: true })

  const version = await run('python3', ['--version'])
  if (!version.ok) return { what: 'python3 is not installed', output: version.output }
  let made = await run('python3', ['-m', 'venv', environmentFolder])
  if (!made.ok && process.env.CI === 'true' && installVenvPackage()) {
    rmSync(environmentFolder, { recursive: true, force: true })
    made = await run('python3', ['-m', 'venv', environmentFolder])
  }
  if (!made.ok) {
    return {
      what: 'python3 -m venv does not work (on Debian: apt-get install python3-venv)',
      output: made.output,
    }
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]
  const installed = await run(join(environmentFolder, 'bin', 'python'), pip)
  if (!installed.ok) {
    // An index that answered and has no such set of versions: requirements.txt is wrong, not the machine.
    const ours = /ResolutionImpossible|from versions: (?!none)/.test(installed.output)
    return { what: 'the Python clients could not be installed from PyPI', output: installed.output, ours }
  }
  writeFileSync(stamp, wanted)
  return undefined
}

/** Debian splits venv from Python; in CI we may add it. */
function installVenvPackage() {
  if (process.getuid?.() !== 0) return false
  const quiet = { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  spawnSync('apt-get', ['update', '-qq'], quiet)
  return spawnSync('apt-get', ['install', '-y', '-qq', 'python3-venv'], quiet).status === 0
}
