// `npm run pack -- <folder>`: compiles every package and writes publishable tarballs into the folder,
// printing one path per line. In the checkout a manifest points at `src/*.ts`; the packed copy points at
// `dist`. Types are checked by `npm test`, not here.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { ensureInstalled, pinnedNode, root } from './ensure-installed.mjs'

const destination = process.argv[2]
if (destination === undefined) {
  process.stderr.write('Usage: npm run pack -- <folder>\n')
  process.exit(2)
}
ensureInstalled()
// Not before what it needs is installed.
const { joinModules } = await import('./join-modules.mjs')

/** Dependencies before dependents: the server's declarations are made against the compiled llm. */
const packages = ['packages/llm', 'packages/graph', 'packages/server'].map((folder) => {
  const directory = join(root, folder)
  return { directory, manifest: JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) }
})
const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]))

mkdirSync(destination, { recursive: true })
const staging = mkdtempSync(join(tmpdir(), 'switchyard-pack-'))
try {
  for (const { directory, manifest } of packages) {
    build(directory)
    // Where loading a file may do something, files are not joined.
    if (manifest.sideEffects === false) await joinModules(join(directory, 'dist'), doorsOf(manifest))
    process.stdout.write(`${packStaged(stage(directory, manifest))}\n`)
  }
} finally {
  rmSync(staging, { recursive: true, force: true })
}

function build(directory) {
  rmSync(join(directory, 'dist'), { recursive: true, force: true })
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const parameters = [tsc, '-p', join(directory, 'tsconfig.build.json')]
  // Problems go to stderr: stdout is the list of tarballs.
  const { status } = spawnSync(pinnedNode, parameters, { stdio: ['ignore', 2, 2] })
  if (status !== 0) process.exit(1)
  copyAssets(join(directory, 'src'), join(directory, 'dist'))
  nameCompiledFiles(join(directory, 'dist'))
}

/** What the program reads at run time beside its code. */
function copyAssets(from, to) {
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !path.endsWith('.ts') && basename(path) !== '__fixtures__',
  })
}

/** tsc rewrites `./x.ts` in the code and leaves it in the declarations, where not every resolver follows it. */
function nameCompiledFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.d.ts')) continue
    const path = join(entry.parentPath, entry.name)
    const declarations = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      declarations.replace(/(\bfrom |\bimport\(|\bimport )(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1$2.js$3'),
    )
  }
}

/** The modules that can be imported from outside, by their compiled names, the main door first. */
function doorsOf({ exports }) {
  return [...new Set(Object.values(exports))].map((door) => door.replace(/^\.\/src\/|\.ts$/g, ''))
}

function stage(directory, manifest) {
  const folder = join(staging, basename(directory))
  mkdirSync(folder)
  for (const name of ['dist', 'bin', 'README.md']) {
    if (existsSync(join(directory, name)))
      cpSync(join(directory, name), join(folder, name), { recursive: true })
  }
  for (const name of ['LICENSE', 'README.md']) {
    const shared = join(root, name)
    if (!existsSync(join(folder, name)) && existsSync(shared)) cpSync(shared, join(folder, name))
  }
  const { devDependencies: _devDependencies, scripts: _scripts, ...published } = manifest
  writeFileSync(
    join(folder, 'package.json'),
    `${JSON.stringify(
      {
        ...published,
        ...(manifest.exports === undefined ? {} : { exports: compiledTargets(manifest.exports, folder) }),
        dependencies: exactSiblings(manifest.dependencies ?? {}),
      },
      null,
      2,
    )}\n`,
  )
  return folder
}

/** './src/x.ts' becomes the compiled file with its declarations, at any depth of an exports map. */
function compiledTargets(target, folder) {
  if (typeof target === 'string') {
    if (!target.startsWith('./src/')) return target
    const compiled = target.replace('./src/', './dist/').replace(/\.ts$/, '')
    if (!compiled.includes('*') && !existsSync(join(folder, `${compiled}.js`))) {
      throw new Error(`package.json exports ${target}, which does not exist`)
    }
    return { types: `${compiled}.d.ts`, default: `${compiled}.js` }
  }
  if (target === null || typeof target !== 'object') return target
  return Object.fromEntries(
    Object.entries(target).map(([key, value]) => [key, compiledTargets(value, folder)]),
  )
}

/** All packages are released together, so one asks for exactly its sibling's version. */
function exactSiblings(dependencies) {
  const entries = Object.entries(dependencies)
  return Object.fromEntries(entries.map(([name, range]) => [name, versions.get(name) ?? range]))
}

function packStaged(folder) {
  const target = resolve(destination)
  const printed = execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const answer = JSON.parse(printed)
  // npm 10 answers with a list, later ones with an object keyed by package name.
  const [{ filename }] = Array.isArray(answer) ? answer : Object.values(answer)
  return join(target, filename)
}
