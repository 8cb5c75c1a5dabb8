import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** What a user gets is the packed tarball, so that is what is looked at here, not the checkout. */

interface Manifest {
  readonly name: string
  readonly version: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, unknown>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
}

const root = join(import.meta.dirname, '..')
const tools = join(root, 'node_modules', '.bin')
const folder = mkdtempSync(join(tmpdir(), 'switchyard-packages-'))
const modules = join(folder, 'node_modules')
const names = ['@switchyard/llm', '@switchyard/graph', '@switchyard/server']

const tarballs = new Map<string, string>()

beforeAll(async () => {
  const printed = await run(join(root, 'scripts', 'pack.mjs'), folder)
  for (const tarball of printed.trim().split('\n')) await install(tarball)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(names)('%s', (name) => {
  it('passes publint', async () => {
    expect(await run(join(tools, 'publint'), 'run', tarball(name), '--strict')).toContain('All good')
  })

  it('can be imported with types that agree with its code, or is a program only', async () => {
    const { exports, bin } = manifest(name)
    if (exports === undefined) return expect(bin).toBeDefined()
    const options = ['--profile', 'esm-only', '--no-color']
    expect(await run(join(tools, 'attw'), tarball(name), ...options)).toContain('🟢')
  })

  it('carries its licence, its code and nothing that belongs to the checkout', async () => {
    const { stdout } = await promisify(execFile)('tar', ['-tzf', tarball(name)])
    const files = stdout.trim().split('\n')
    expect(files).toContain('package/LICENSE')
    const strange = files.filter(
      (file) => !/^package\/(dist\/|bin\/|package\.json$|LICENSE$|README\.md$)/.test(file),
    )
    expect(strange).toEqual([])
    expect(files.filter((file) => /\.test\.|contract\.|(?<!\.d)\.ts$|__fixtures__/.test(file))).toEqual([])
  })

  it('asks for exact versions of what it was tested with', () => {
    const inexact = Object.entries(manifest(name).dependencies ?? {}).filter(
      ([, range]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range),
    )
    expect(inexact).toEqual([])
  })
})

it.each(['@switchyard/llm', '@switchyard/graph'])('every door of %s opens from its tarball', async (name) => {
  const doors = Object.entries(manifest(name).exports ?? {}).filter(([, target]) => target !== null)
  expect(doors.length).toBeGreaterThan(0)
  for (const [door] of doors) {
    // The main door opens without what is optional; who enters by another one has installed what it needs.
    if (door !== '.') link(name, manifest(name).peerDependencies)
    const program = `import * as door from '${name}${door.slice(1)}'; console.log(Object.keys(door).length)`
    const printed = await run('--input-type=module', '--eval', program)
    expect(Number(printed), door).toBeGreaterThan(0)
  }
})

it.each(['@switchyard/llm', '@switchyard/graph'])(
  'a name is one thing behind every door of %s',
  async (name) => {
    link(name, manifest(name).peerDependencies)
    const doors = Object.keys(manifest(name).exports ?? {}).map((door) => `${name}${door.slice(1)}`)
    // Classes only: another door may give one of its functions a name that is taken in the main one.
    const program = `
    const [main, ...others] = await Promise.all(${JSON.stringify(doors)}.map((door) => import(door)))
    const shared = others.flatMap((door) => Object.keys(door).filter((key) => key in main && /^[A-Z]/.test(key)))
    const twice = others.flatMap((door) => shared.filter((key) => key in door && door[key] !== main[key]))
    const renamed = shared.filter((key) => typeof main[key] === 'function' && /\\$/.test(main[key].name))
    console.log(JSON.stringify({ shared: shared.length, twice, renamed }))`
    const { shared, ...faults } = JSON.parse(await run('--input-type=module', '--eval', program)) as {
      readonly shared: number
    }
    expect(faults).toEqual({ twice: [], renamed: [] })
    expect(shared).toBeGreaterThan(0)
  },
)

it('the main door of @switchyard/graph is few files, and none of them needs Node', async () => {
  const program = `
    import { registerHooks } from 'node:module'
    const loaded = []
    registerHooks({ resolve: (name, context, next) => (loaded.push(name), next(name, context)) })
    await import('@switchyard/graph')
    console.log(JSON.stringify(loaded))`
  const loaded = JSON.parse(await run('--input-type=module', '--eval', program)) as readonly string[]
  expect(loaded).toEqual(['@switchyard/graph', './core.js'])
})

it('switchyard --version works from its tarball', async () => {
  const { bin, version } = manifest('@switchyard/server')
  const program = join(modules, '@switchyard/server', bin?.['switchyard'] ?? '')
  expect(await run(program, '--version')).toContain(version)
})

/**
 * Unpacks a tarball as npm would, and links exactly the dependencies that its manifest declares:
 * importing one that is not declared fails here as it would for a user.
 */
async function install(path: string): Promise<void> {
  const name = names.find((candidate) => path.includes(candidate.replace('@', '').replace('/', '-')))
  if (name === undefined) throw new Error(`unexpected tarball ${path}`)
  tarballs.set(name, path)
  const target = join(modules, name)
  mkdirSync(target, { recursive: true })
  await promisify(execFile)('tar', ['-xzf', path, '-C', target, '--strip-components=1'])
  link(name, manifest(name).dependencies)
}

/** Puts dependencies where the installed package finds them. */
function link(name: string, dependencies: Readonly<Record<string, string>> = {}): void {
  for (const dependency of Object.keys(dependencies)) {
    const place = join(modules, name, 'node_modules', dependency)
    if (names.includes(dependency) || existsSync(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    symlinkSync(installed(name, dependency), place)
  }
}

/** Where the checkout keeps the version of a dependency that this package uses. */
function installed(name: string, dependency: string): string {
  const own = join(root, 'packages', name.split('/')[1] ?? '', 'node_modules', dependency)
  return realpathSync(existsSync(own) ? own : join(root, 'node_modules', dependency))
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as Manifest
}

function tarball(name: string): string {
  const path = tarballs.get(name)
  if (path === undefined) throw new Error(`${name} was not packed`)
  return path
}

/** Runs the pinned Node outside the checkout; a failure shows what the program printed. */
async function run(...parameters: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: folder })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    throw new Error(`${parameters[0]} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error })
  }
}
