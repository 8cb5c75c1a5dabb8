/**
 * What TypeScript has to do for a graph of 30 nodes, ours beside LangGraph's: how many types it makes, and how long it
 * takes. Counts are the same on every machine; times are not.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { subjects } from '../graph/subjects.ts'
import { graphProgram, importProgram } from './program.ts'

const NODES = 30
const ROUNDS = 3
const LIBRARIES = { switchyard: '@switchyard/graph', langgraph: '@langchain/langgraph' } as const

const compiler = join(import.meta.dirname, '../../node_modules/typescript/bin/tsc')
const SETTINGS =
  '--strict --noEmit --skipLibCheck --target es2024 --module nodenext --moduleResolution nodenext'

interface Cost {
  readonly instantiations: number
  readonly types: number
  readonly checkSeconds: number
}

/** Compiles one program in the folder where the library is installed. */
async function measure(folder: string, name: string, source: string): Promise<Cost> {
  writeFileSync(join(folder, 'tsconfig.json'), '{}')
  writeFileSync(join(folder, name), source)
  const parameters = [compiler, ...SETTINGS.split(' '), '--ignoreConfig', '--extendedDiagnostics', name]
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { cwd: folder }).catch(
    (failure: unknown) => {
      throw new Error(
        `${name} does not type-check: ${(failure as { stdout?: string }).stdout?.slice(0, 2_000)}`,
      )
    },
  )
  const read = (label: string): number => Number(new RegExp(`^${label}:\\s+([\\d.]+)`, 'm').exec(stdout)?.[1])
  return { instantiations: read('Instantiations'), types: read('Types'), checkSeconds: read('Check time') }
}

/** The run that took the least time: the others were disturbed. */
async function measureBest(folder: string, name: string, source: string): Promise<Cost> {
  const costs: Cost[] = []
  for (let round = 0; round < ROUNDS; round += 1) costs.push(await measure(folder, name, source))
  return costs.toSorted((a, b) => a.checkSeconds - b.checkSeconds)[0] as Cost
}

const rows: Record<string, Record<string, number>> = {}
for (const subject of subjects) {
  await subject.prepare()
  const library = LIBRARIES[subject.id]
  for (const [title, name, source] of [
    ['imported', 'imported.mts', importProgram(library)],
    [`${NODES} nodes`, 'graph.mts', graphProgram(library, NODES)],
  ] as const) {
    const { instantiations, types, checkSeconds } = await measureBest(subject.leanFolder, name, source)
    rows[`${subject.title}, ${title}`] = { instantiations, types, 'check s': checkSeconds }
  }
}
console.table(rows)
