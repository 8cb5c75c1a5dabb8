import { execFileSync } from 'node:child_process'
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { doorFile } from '../library.ts'
import type { Case } from './case.ts'
import { quantile } from './case.ts'

const RUNS = 11

export const importing: Case = {
  id: 'import',
  title: 'import, memory and size',
  measure: ({ folder, leanFolder }) => {
    const loads = Array.from({ length: RUNS }, () =>
      measureLoad(`await import('${doorFile(folder, 'graph')}')`),
    )
    const idle = Array.from({ length: RUNS }, () => measureLoad('0'))
    const rss = (list: readonly Load[]): number =>
      quantile(
        list.map(({ rssMb }) => rssMb),
        0.5,
      )
    const modules = join(leanFolder, 'node_modules')
    return Promise.resolve({
      'import ms': quantile(
        loads.map(({ ms }) => ms),
        0.5,
      ),
      'RSS +MB': rss(loads) - rss(idle),
      'installed MB': sizeOf(modules) / 1e6,
      packages: packagesIn(modules),
    })
  },
}

interface Load {
  ms: number
  rssMb: number
}

/** In a process of its own, which has loaded nothing before. */
function measureLoad(code: string): Load {
  const program = `const before = performance.now(); ${code}; const ms = performance.now() - before;
    console.log(JSON.stringify({ ms, rssMb: process.memoryUsage.rss() / 1e6 }))`
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' }),
  ) as Load
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
