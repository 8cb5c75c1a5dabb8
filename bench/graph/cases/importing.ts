import { execFileSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { doorFile } from '../library.ts'
import type { Door } from '../library.ts'
import type { Case, Figures } from './case.ts'
import { quantile } from './case.ts'

const RUNS = 11
const OWN_MODULES = 8

export const importing: Case = {
  id: 'import',
  title: 'import, memory and size',
  measure: ({ folder, leanFolder, scratch }) => {
    const own = ownModules(scratch)
    const idle = measureLoads(own, [])
    const modules = join(leanFolder, 'node_modules')
    return Promise.resolve({
      ...measureDoors(own, idle, folder, ['graph'], ''),
      ...measureDoors(own, idle, folder, ['graph', 'sqlite'], ' with SQLite'),
      'installed MB': sizeOf(modules) / 1e6,
      packages: packagesIn(modules),
    })
  },
}

/** A few files as a program has them: the first ones make Node load its compilers, 3 MB, whatever is in them. */
function ownModules(folder: string): readonly string[] {
  return Array.from({ length: OWN_MODULES }, (_, at) => {
    const file = join(folder, `own-${at}.mjs`)
    writeFileSync(file, `export const own = ${at}\n`)
    return pathToFileURL(file).href
  })
}

interface Load {
  ms: number
  rssMb: number
}

function measureDoors(
  own: readonly string[],
  idle: Load,
  folder: string,
  doors: readonly Door[],
  suffix: string,
): Figures {
  const files = doors.map((door) => doorFile(folder, door))
  if (!files.every((file) => existsSync(fileURLToPath(file)))) return {}
  const { ms, rssMb } = measureLoads(own, files)
  return { [`import ms${suffix}`]: ms, [`RSS +MB${suffix}`]: rssMb - idle.rssMb }
}

/** Each in a process of its own, which has loaded nothing before but the program's own modules. */
function measureLoads(own: readonly string[], files: readonly string[]): Load {
  const imports = (list: readonly string[]): string => list.map((file) => `await import('${file}')`).join(';')
  const program = `${imports(own)}; const before = performance.now(); ${imports(files)}; const ms = performance.now() - before;
    console.log(JSON.stringify({ ms, rssMb: process.memoryUsage.rss() / 1e6 }))`
  const loads = Array.from(
    { length: RUNS },
    () =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }),
      ) as Load,
  )
  const median = (name: keyof Load): number =>
    quantile(
      loads.map((load) => load[name]),
      0.5,
    )
  return { ms: median('ms'), rssMb: median('rssMb') }
}

function sizeOf(path: string): number {
  const stat = lstatSync(path)
  if (!stat.isDirectory()) return stat.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}

function packagesIn(modules: string): number {
  return readdirSync(modules).reduce((sum, name) => {
    if (name.startsWith('.')) return sum
    return sum + (name.startsWith('@') ? readdirSync(join(modules, name)).length : 1)
  }, 0)
}
