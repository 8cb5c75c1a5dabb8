import { posix } from 'node:path'
import { importsOf, lineAt, withoutComments } from './imports.ts'
import type { Import } from './imports.ts'
import {
  anyReason,
  cycleReason,
  environmentRules,
  escapeReason,
  helperHookReason,
  machinePathReason,
  manifestReason,
  packageRules,
  providerNames,
  registryRules,
  siblingRules,
  testingReason,
  unknownRoomReason,
} from './rules.ts'
import type { PackageRules } from './rules.ts'

/** The text of each file by its path from the root of the repository, with forward slashes. */
export type Tree = ReadonlyMap<string, string>

/** Each check answers with one sentence per broken rule: where, what, and why it matters. */
export type Check = (tree: Tree) => string[]

/** Imports that go up or sideways, or into a package that is not declared. */
export const directions: Check = (tree) => {
  const found: string[] = []
  for (const { path, rules, within } of sources(tree)) {
    const declared = declaredDependencies(tree, rules)
    const room = rules.rooms.find(({ name }) => name === roomOf(within))
    if (room === undefined) {
      found.push(`${path} is in no known room: ${unknownRoomReason}`)
      continue
    }
    for (const entry of importsOf(tree.get(path) ?? '')) {
      const at = `${path}:${entry.line} imports ${entry.specifier}`
      if (entry.specifier.startsWith('.')) {
        const target = resolveFrom(path, entry)
        const inside = `packages/${rules.folder}/src/`
        if (!target.startsWith(inside)) {
          if (!target.endsWith('package.json')) found.push(`${at}: ${escapeReason}`)
          continue
        }
        if (target.includes('/testing/')) found.push(`${at}: ${testingReason}`)
        const other = roomOf(target.slice(inside.length))
        if (other !== room.name && !room.mayImport.includes(other)) {
          found.push(`${at}: ${room.name} must not know ${other}, because ${room.reason}`)
        }
        continue
      }
      if (entry.specifier.startsWith('node:')) {
        if (room.packages !== undefined && !entry.typeOnly) found.push(`${at}: ${room.reason}`)
        continue
      }
      const name = packageName(entry.specifier)
      if (name.startsWith('@switchyard/') && !rules.siblings.includes(name)) {
        found.push(`${at}: ${rules.reason}`)
      } else if (!declared.has(name)) {
        found.push(`${at}: ${manifestReason}`)
      } else if (!entry.typeOnly && room.packages !== undefined && !room.packages.includes(name)) {
        found.push(`${at}: ${room.reason}`)
      }
    }
  }
  return found
}

/** Plugs and steps that import their neighbours. */
export const strangers: Check = (tree) => {
  const found: string[] = []
  for (const { path } of sources(tree)) {
    const rule = siblingRules.find(({ folder }) => posix.dirname(path) === folder)
    if (rule === undefined || posix.basename(path) === 'index.ts') continue
    for (const entry of importsOf(tree.get(path) ?? '')) {
      if (entry.typeOnly || !entry.specifier.startsWith('./')) continue
      found.push(`${path}:${entry.line} imports ${entry.specifier}: ${rule.reason}`)
    }
  }
  return found
}

/** Groups of files that need each other at run time. */
export const cycles: Check = (tree) => {
  const edges = new Map<string, string[]>()
  for (const { path } of sources(tree)) {
    const values = importsOf(tree.get(path) ?? '').filter(
      ({ typeOnly, specifier }) => !typeOnly && specifier.startsWith('.'),
    )
    edges.set(
      path,
      values.map((entry) => resolveFrom(path, entry)),
    )
  }
  return stronglyConnected(edges).map((group) => `${group.join(' ↔ ')}: ${cycleReason}`)
}

/** Plugs that their registry does not name. */
export const registries: Check = (tree) => {
  const found: string[] = []
  for (const { folder, plug, registry, reason } of registryRules) {
    const named = new Set(
      sources(tree)
        .filter(({ path }) => path.startsWith(registry))
        .flatMap(({ path }) => importsOf(tree.get(path) ?? '').map((entry) => resolveFrom(path, entry)))
        .map((target) => childOf(folder, target)),
    )
    for (const { path } of sources(tree)) {
      const child = childOf(folder, path)
      if (child === undefined || path === registry || named.has(child)) continue
      if (plug.test(tree.get(path) ?? '')) {
        found.push(`${path} defines a plug that ${registry} does not name: ${reason}`)
      }
    }
  }
  return found
}

/** The file or folder directly below `folder` that holds a path. */
function childOf(folder: string, path: string): string | undefined {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined
}

/** Reads of the environment outside the places that are made for it. */
export const environment: Check = (tree) => {
  const found: string[] = []
  for (const { path } of sources(tree)) {
    const rule = environmentRules.find((candidate) => path.startsWith(candidate.package))
    if (rule === undefined || rule.allowed.some((allowed) => path.startsWith(allowed))) continue
    const reads = /\bprocess\.env\b|\bimport\s*\{[^}]*\benv\b[^}]*\}\s*from\s*'node:process'/g
    found.push(...matches(path, tree, reads, 'reads the environment', rule.reason))
  }
  return found
}

/** Code that decides by a provider's name. */
export const providerTests: Check = (tree) => {
  const ids = [...providerIds(tree)].map((id) => id.replaceAll(/[.+]/g, '\\$&')).join('|')
  // Comparing anything that is called a provider, or anything at all with a provider's id.
  const patterns = [
    /\b\w*[pP]rovider(?:\??\.id|Id|_id|Name)?\s*[!=]==\s*'[^']+'/g,
    /'[^']+'\s*[!=]==\s*[\w.]*[pP]rovider(?:\??\.id|Id|_id|Name)?\b/g,
    /\bswitch \([\w.?]*[pP]rovider(?:\??\.id|Id|_id|Name)?\)/g,
    /\[\s*'[^\]]*\]\.includes\([\w.?]*[pP]rovider\b/g,
    ...(ids === '' ? [] : [new RegExp(`\\.startsWith\\('(?:${ids})/`, 'g')]),
    ...(ids === ''
      ? []
      : [new RegExp(`\\b(?:service|vendor|company|host)\\w*\\s*[!=]==\\s*'(?:${ids})'`, 'g')]),
  ]
  const found: string[] = []
  for (const { path } of sources(tree)) {
    if (providerNames.allowed.some((allowed) => path.startsWith(allowed))) continue
    for (const pattern of patterns) {
      found.push(...matches(path, tree, pattern, 'tests a provider’s name', providerNames.reason))
    }
  }
  return found
}

/** Folders of somebody's machine, in any file of the tree. A test may invent a home for its made-up user. */
export const machinePaths: Check = (tree) => {
  const found: string[] = []
  for (const [path, text] of tree) {
    const roots = path.endsWith('.test.ts') ? 'work' : 'work|home|Users|root'
    for (const match of text.matchAll(new RegExp(`(?<![\\w.}/-])/(?:${roots})/[\\w.]`, 'g'))) {
      found.push(`${path}:${lineAt(text, match.index)} names a folder of one machine: ${machinePathReason}`)
    }
  }
  return found
}

/** `any` in what a file exports. */
export const exportedAny: Check = (tree) =>
  sources(tree).flatMap(({ path }) =>
    matches(path, tree, /^export [^\n'"`]*[:<|&,(>]\s*any\b/gm, 'exports `any`', anyReason),
  )

/** Hooks that are registered when a file is loaded, which helpers of tests are once for many test files. */
export const helperHooks: Check = (tree) =>
  [...tree.keys()]
    .filter((path) => path.endsWith('.ts') && !/\.test\.ts$|^tests\/support\/repeatable\.ts$/.test(path))
    .flatMap((path) =>
      matches(
        path,
        tree,
        /^(?:before|after)(?:All|Each)\(/gm,
        'registers a hook when it is loaded',
        helperHookReason,
      ),
    )

interface Source {
  readonly path: string
  readonly rules: PackageRules
  /** The path below the package's `src`. */
  readonly within: string
}

/** The production files of all packages that have rules: no tests, and nothing that only tests share. */
function sources(tree: Tree): Source[] {
  return [...tree.keys()].flatMap((path) => {
    const match = /^packages\/([^/]+)\/src\/(.+\.ts)$/.exec(path)
    const rules = packageRules.find(({ folder }) => folder === match?.[1])
    const within = match?.[2]
    if (rules === undefined || within === undefined) return []
    if (/(^|[./])(test|test-d|contract)\.ts$|(^|\/)testing\//.test(within)) return []
    return [{ path, rules, within }]
  })
}

function roomOf(within: string): string {
  return (within.split('/')[0] ?? within).replace(/\.ts$/, '')
}

function resolveFrom(path: string, entry: Import): string {
  return posix.join(posix.dirname(path), entry.specifier)
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}

function declaredDependencies(tree: Tree, rules: PackageRules): Set<string> {
  const text = tree.get(`packages/${rules.folder}/package.json`) ?? '{}'
  const { dependencies = {}, peerDependencies = {} } = JSON.parse(text) as Record<string, object | undefined>
  return new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies)])
}

function providerIds(tree: Tree): Set<string> {
  const ids = new Set<string>()
  for (const { path, within } of sources(tree)) {
    if (!within.startsWith('providers/')) continue
    for (const match of (tree.get(path) ?? '').matchAll(/\bid: '([\w.+-]+)'/g)) ids.add(match[1] ?? '')
  }
  return ids
}

function matches(path: string, tree: Tree, pattern: RegExp, what: string, reason: string): string[] {
  const code = withoutComments(tree.get(path) ?? '')
  return [...code.matchAll(pattern)].map(
    (match) => `${path}:${lineAt(code, match.index)} ${what} (${match[0].trim()}): ${reason}`,
  )
}

/** Tarjan's algorithm; only groups of more than one file, or a file that imports itself. */
function stronglyConnected(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const stack: string[] = []
  const groups: string[][] = []
  const visit = (path: string): number => {
    const number = order.size
    order.set(path, number)
    let low = number
    stack.push(path)
    for (const target of edges.get(path) ?? []) {
      if (!edges.has(target)) continue
      if (!order.has(target)) low = Math.min(low, visit(target))
      else if (stack.includes(target)) low = Math.min(low, order.get(target) ?? low)
    }
    if (low === number) {
      const group = stack.splice(stack.indexOf(path))
      if (group.length > 1 || edges.get(path)?.includes(path) === true) groups.push(group)
    }
    return low
  }
  for (const path of edges.keys()) if (!order.has(path)) visit(path)
  return groups
}
