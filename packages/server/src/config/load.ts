import { dirname, resolve } from 'node:path'
import { buildGatewayConfig } from './build/gateway-config.ts'
import type { z } from 'zod'
import { checkAccess } from './checks/access.ts'
import { checkKnownKeys } from './checks/known-keys.ts'
import type { KeyFinding } from './checks/known-keys.ts'
import { checkMeaning } from './checks/meaning.ts'
import type { ModelCheck } from './checks/meaning.ts'
import { describeIssue } from './checks/issues.ts'
import { salvage } from './checks/salvage.ts'
import { displayKey } from './document/display-key.ts'
import { formatPath, parentPath } from './document/path.ts'
import { readConfigFiles } from './document/read-files.ts'
import { resolveReferences } from './document/references.ts'
import type { ReferenceRules, ResolvedTree, Variables } from './document/references.ts'
import type { Located } from './document/tree.ts'
import { readEnvironment } from './environment.ts'
import { compareFindings } from './findings.ts'
import type { Finding, SourceLocation } from './findings.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { ConfigOrigin } from './origin.ts'
import { configSchema } from './schema.ts'

export interface LoadInput {
  /** The main file; `include` is relative to it and stays inside its directory. */
  path: string
  readFile: (path: string) => Promise<string>
  env: Variables
  /** Finds the models that nobody offers. Left out: any model will do. */
  checkModel?: ModelCheck | undefined
  /** Which variables the file may read; all of them when left out. For files that somebody else wrote. */
  mayReadVariable?: ((name: string) => boolean) | undefined
}

interface Loaded {
  /** Worst first, then in reading order. */
  findings: Finding[]
  /** Every file that was read, the main one first: what a reload has to watch. */
  files: string[]
}

export interface LoadSuccess extends Loaded {
  ok: true
  config: GatewayConfig
  origin: ConfigOrigin
}

export interface LoadFailure extends Loaded {
  ok: false
}

export type LoadResult = LoadSuccess | LoadFailure

/**
 * Reads, checks and builds a configuration. Everything that is wrong with it comes back at once as findings; with
 * an error among them there is no configuration. Never throws for what a file holds or for a file that is missing.
 */
export async function loadConfig(input: LoadInput): Promise<LoadResult> {
  const { root, files, findings } = await readConfigFiles(input.path, input.readFile)
  if (root === undefined) return { ok: false, findings: arrange(findings), files }
  return loadTree(root, input, { files, findings })
}

/** The part of loading that needs no files: from a parsed tree, and what reading it found, to a configuration. */
export function loadTree(
  root: Located,
  rules: ReferenceRules & Pick<LoadInput, 'checkModel'>,
  read: Loaded,
): LoadResult {
  const tree = resolveReferences(root, rules)
  const place = ({ at, ...finding }: KeyFinding): Finding => ({ ...finding, ...locate(tree, at, root.at) })
  const findings = [...read.findings, ...tree.findings, ...checkKnownKeys(tree.value).map(place)]

  const checked = configSchema.safeParse(tree.value)
  const issues = checked.success ? [] : checked.error.issues
  const wrongForms = issues
    .map((issue): KeyFinding => issueFinding(issue))
    .filter((finding) => !tree.unresolved.has(finding.at))
  const wrongPaths = new Set(wrongForms.map((finding) => finding.at))
  const file = checked.success
    ? checked.data
    : salvage(
        tree.value,
        issues.map((issue) => issue.path),
      )
  const variable = (name: string): string | undefined => tree.environment[name] ?? rules.env[name]
  const wrongMeanings = [...checkMeaning(file, rules.checkModel), ...checkAccess(file, variable)].filter(
    ({ at }) => !wrongPaths.has(at) && !tree.unresolved.has(at),
  )
  findings.push(...[...wrongForms, ...wrongMeanings].map(place))

  if (!checked.success || findings.some((finding) => finding.level === 'error')) {
    return { ok: false, findings: arrange(findings), files: read.files }
  }
  const environment = readEnvironment(rules.env)
  const { config, repeated } = buildGatewayConfig({
    file,
    value: tree.value,
    written: tree.written,
    variables: tree.environment,
    environment: environment.settings,
    directory: dirname(resolve(root.at.file)),
    variable,
  })
  findings.push(...repeated.map(repeatedFinding).map(place))
  const origin = new ConfigOrigin(tree, environment.sources)
  return { ok: true, config, origin, findings: arrange(findings), files: read.files }
}

function issueFinding(issue: z.core.$ZodIssue): KeyFinding {
  const shown = issue.path.map((step) => (typeof step === 'string' ? displayKey(step) : step))
  return { level: 'error', path: formatPath(shown), at: formatPath(issue.path), ...describeIssue(issue) }
}

function repeatedFinding([index, first]: [number, number]): KeyFinding {
  const path = `model_list[${index}]`
  const message = `is the same deployment as model_list[${first}] once more`
  return {
    level: 'warning',
    path,
    at: path,
    message,
    fix: 'remove one, or use `weight` to give it more requests',
  }
}

const maxFindings = 1000

/** Sorted, and no more than anybody reads. */
function arrange(findings: readonly Finding[]): Finding[] {
  const sorted = findings.toSorted(compareFindings)
  const last = sorted[maxFindings]
  if (last === undefined) return sorted
  const message = `and ${sorted.length - maxFindings} more findings, which are not listed`
  return [...sorted.slice(0, maxFindings), { ...last, path: '', message, fix: undefined }]
}

/** The place of a path, or of the nearest thing around it that is written (a missing key has no place). */
function locate(tree: ResolvedTree, path: string, root: SourceLocation): SourceLocation {
  for (let known = path; known !== ''; known = parentPath(known)) {
    const location = tree.locations.get(known)
    if (location !== undefined) return location
  }
  return root
}
