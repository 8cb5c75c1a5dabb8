import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { doorFile } from './library.ts'
import type { Door } from './library.ts'
import { fileURLToPath } from 'node:url'

export type SubjectId = 'switchyard' | 'langgraph'

/** A library under measurement: where it is installed, as a user would install it. */
export interface Subject {
  id: SubjectId
  title: string
  folder: string
  /** Without what only the database savers need, for the measurement of its size. */
  leanFolder: string
  prepare: () => Promise<void>
}

const root = join(import.meta.dirname, '../..')
const cache = join(root, 'node_modules/.cache/switchyard-bench')
/** Where this process's Node may have been unpacked, by itself or by the package `node` of npm. */
const nodeFolders = ['..', `../node_modules/node-${process.platform}-${process.arch}`].map((place) =>
  join(dirname(process.execPath), place),
)
const langgraphVersion = '1.4.18'

export const subjects: readonly Subject[] = [
  {
    id: 'switchyard',
    title: 'Switchyard',
    folder: join(cache, 'graph-switchyard'),
    leanFolder: join(cache, 'graph-switchyard-lean'),
    prepare: prepareSwitchyard,
  },
  {
    id: 'langgraph',
    title: `LangGraph JS ${langgraphVersion}`,
    folder: join(cache, `graph-langgraph-${langgraphVersion}`),
    leanFolder: join(cache, `graph-langgraph-${langgraphVersion}-lean`),
    prepare: prepareLanggraph,
  },
]

/** The packed package of this checkout, made anew in each run. */
async function prepareSwitchyard(): Promise<void> {
  const tarballs = join(cache, 'graph-tarballs')
  rmSync(tarballs, { recursive: true, force: true })
  mkdirSync(tarballs, { recursive: true })
  await run(process.execPath, [join(root, 'scripts/pack.mjs'), tarballs], root)
  const graph = readdirSync(tarballs).find((name) => name.includes('graph'))
  if (graph === undefined) throw new Error(`${tarballs} holds no tarball of the graph package`)
  const [full, lean] = [join(cache, 'graph-switchyard'), join(cache, 'graph-switchyard-lean')]
  for (const folder of [full, lean]) rmSync(folder, { recursive: true, force: true })
  await install(full, [join(tarballs, graph), 'pg@8.23.1'], {
    graph: '@switchyard/graph',
    sqlite: '@switchyard/graph/sqlite',
    postgres: '@switchyard/graph/postgres',
  })
  await install(lean, [join(tarballs, graph)], {
    graph: '@switchyard/graph',
    sqlite: '@switchyard/graph/sqlite',
  })
}

async function prepareLanggraph(): Promise<void> {
  const core = [`@langchain/langgraph@${langgraphVersion}`, '@langchain/core@1.2.13', 'zod@4.6.7']
  const [, langgraph] = subjects
  if (langgraph === undefined) return
  const savers = [
    '@langchain/langgraph-checkpoint-sqlite@1.0.4',
    '@langchain/langgraph-checkpoint-postgres@1.0.5',
  ]
  await installOnce(langgraph.folder, [...core, ...savers], {
    graph: '@langchain/langgraph',
    sqlite: '@langchain/langgraph-checkpoint-sqlite',
    postgres: '@langchain/langgraph-checkpoint-postgres',
  })
  await installOnce(langgraph.leanFolder, core, { graph: '@langchain/langgraph' })
}

async function installOnce(
  folder: string,
  packages: readonly string[],
  doors: Readonly<Partial<Record<Door, string>>>,
): Promise<void> {
  if (!existsSync(fileURLToPath(doorFile(folder, 'graph')))) await install(folder, packages, doors)
}

async function install(
  folder: string,
  packages: readonly string[],
  doors: Readonly<Partial<Record<Door, string>>>,
): Promise<void> {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true }))
  // Its peers' ranges contradict each other in what the registry has.
  await run('npm', ['install', '--no-audit', '--no-fund', '--legacy-peer-deps', ...packages], folder)
  for (const [door, name] of Object.entries(doors))
    writeFileSync(join(folder, `${door}.mjs`), `export * from '${name}'\n`)
}

/** With this process's Node first in the path, and its headers: compiled addons must be made for it. */
function run(command: string, args: readonly string[], folder: string): Promise<void> {
  const headers = nodeFolders.find((place) => existsSync(join(place, 'include/node/node_version.h')))
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH'] ?? ''}`
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH: path, ...(headers === undefined ? {} : { npm_config_nodedir: headers }) },
    })
    let complaint = ''
    child.stderr.on('data', (bytes: Buffer) => (complaint = (complaint + bytes.toString()).slice(-1_000)))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}: ${complaint}`)),
    )
  })
}
