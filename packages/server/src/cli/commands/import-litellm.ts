import { createHash, randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { readAdminSettings } from '../../admin/settings.ts'
import { exitCodeFor, readEnvironment, renderFindings } from '../../config/index.ts'
import type { GatewayConfig, LoadSuccess } from '../../config/index.ts'
import { createDecrypt } from '../../litellm-import/decrypt.ts'
import { importLitellm } from '../../litellm-import/import.ts'
import type { ImportReport } from '../../litellm-import/report.ts'
import type { Secrets } from '../../litellm-import/secrets.ts'
import { createWindows } from '../../policy/windows.ts'
import type { LimitData } from '../../store/data.ts'
import type { Database } from '../../store/database.ts'
import { migrate, schemaStatus } from '../../store/migrate.ts'
import { createSealer } from '../../store/seal.ts'
import { renderReport, reportJson } from '../import/render-report.ts'
import { loadFor } from '../start/configuration.ts'
import { databaseOf, isThere, withDatabase } from '../start/database.ts'
import type { DatabasePlace } from '../start/database.ts'
import { CommandError, exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface ImportFlags {
  config?: string
  databaseUrl?: string
  data?: string
  dryRun?: true
  update?: true
  json?: true
}

/** Says what LiteLLM's configuration means here, and takes over what its database knows of keys and their owners. */
export async function importFromLitellm(flags: ImportFlags, world: World): Promise<number> {
  const { settings } = readEnvironment(world.env)
  const path = flags.config ?? settings.configPath
  const loaded = await loadFor({}, path, world)
  if (!loaded.ok) {
    const advice = 'Correct it, or leave out --config and name the database with --database-url.'
    throw new CommandError(
      `${renderFindings(loaded.findings)}\nNothing was taken over. ${advice}`,
      exitCodeFor(loaded),
    )
  }
  const { config } = loaded
  const source = flags.databaseUrl ?? config.settings.databaseUrl?.reveal()
  if (source === undefined && path === undefined)
    throw new CommandError(
      "Name LiteLLM's configuration with --config, its database with --database-url, or both.",
    )
  const told = tellOfConfig(path, loaded)
  const data = resolve(world.directory, flags.data ?? settings.dataDirectory ?? '.switchyard')
  const target = databaseOf(config.settings, data)
  const done =
    source === undefined ? undefined : await takeOver({ url: source }, target, config, flags, world)
  world.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ ...told.json, ...done?.json }, undefined, 2)}\n`
      : [told.text, done?.text ?? 'No database is named, so no keys were looked at.\n']
          .filter((text) => text !== '')
          .join('\n'),
  )
  return exitCodes.done
}

/** The same for people and for programs. */
interface Told {
  readonly text: string
  readonly json: object
}

function tellOfConfig(path: string | undefined, { config, findings }: LoadSuccess): Told {
  if (path === undefined) return { text: '', json: {} }
  const count = config.deployments.length
  const sum = `${path}: ${count} ${count === 1 ? 'deployment' : 'deployments'}, usable as it is\n`
  const text = findings.length === 0 ? sum : `${renderFindings(findings)}\n${sum}`
  return { text, json: { config: { path, deployments: count, findings } } }
}

async function takeOver(
  from: DatabasePlace,
  to: DatabasePlace,
  config: GatewayConfig,
  flags: ImportFlags,
  world: World,
): Promise<Told> {
  const masterKey =
    config.settings.masterKey?.reveal() ?? readEnvironment(world.env).settings.masterKey?.reveal()
  const dryRun = flags.dryRun === true
  return await withDatabase(from, async (source) => {
    const secrets = await secretsOf(config, world)
    const run: Run = async (target) =>
      await importLitellm({
        source,
        target,
        update: flags.update === true,
        dryRun,
        windows: createWindows(readAdminSettings(config).timezone),
        global: globalLimits(config),
        secrets,
        masterKeyHash:
          masterKey === undefined ? undefined : createHash('sha256').update(masterKey).digest('hex'),
        nowMs: world.nowMs(),
        newId: randomUUID,
      })
    const { place, report } = dryRun ? await rehearse(to, run) : await perform(to, run)
    const end = dryRun ? '\nThis was a dry run: nothing was changed.\n' : ''
    return {
      text: `From ${source.place} to ${place}:\n\n${renderReport(report)}${end}`,
      json: { from: source.place, to: place, dry_run: dryRun, ...reportJson(report) },
    }
  })
}

/** LiteLLM encrypts with its salt key, else with its master key; the gateway opens what either of its own sealed. */
async function secretsOf({ settings }: GatewayConfig, { env }: World): Promise<Secrets> {
  const masterKey = settings.masterKey ?? readEnvironment(env).settings.masterKey
  const own = [settings.saltKey, masterKey].filter((key) => key !== undefined)
  const theirs = [env['LITELLM_SALT_KEY'] ?? '', ...own.map((key) => key.reveal())].filter(
    (key) => key !== '',
  )
  return { decrypt: await createDecrypt(theirs), sealer: createSealer(own), canSeal: own.length > 0 }
}

/** What `litellm_settings` let everybody spend together. */
function globalLimits({ access }: GatewayConfig): LimitData {
  return { max_budget: access.maxBudget ?? null, budget_duration: access.budgetDuration ?? null }
}

type Run = (target: Database) => Promise<ImportReport>

interface Performed {
  readonly place: string
  readonly report: ImportReport
}

async function perform(to: DatabasePlace, run: Run): Promise<Performed> {
  if (to.file !== undefined) await mkdir(dirname(to.file), { recursive: true, mode: 0o700 })
  return await withDatabase(to, async (target) => {
    await migrate(target)
    return { place: target.place, report: await run(target) }
  })
}

async function rehearse(to: DatabasePlace, run: Run): Promise<Performed> {
  if (!(await isThere(to))) return { place: to.file ?? '', report: await rehearseElsewhere(run) }
  return await withDatabase(to, async (target) => {
    const { place } = target
    const { version, pending } = await schemaStatus(target)
    if (version > 0 && pending.length > 0)
      throw new CommandError(
        `The tables in ${place} are of an earlier release. Run \`switchyard migrate\` first.`,
      )
    return { place, report: version > 0 ? await run(target) : await rehearseElsewhere(run) }
  })
}

/** Where there are no tables yet and none may be made. */
async function rehearseElsewhere(run: Run): Promise<ImportReport> {
  return await withDatabase({ file: ':memory:' }, async (target) => {
    await migrate(target)
    return await run(target)
  })
}
