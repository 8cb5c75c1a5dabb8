import type { Logger } from 'pino'
import { buildDeployment } from '../config/build/deployment.ts'
import type { DeploymentConfig } from '../config/index.ts'
import type { ModelEntry } from '../config/schema/model-list.ts'
import type { Changes, Heard } from '../store/changes.ts'
import type { Database } from '../store/database.ts'
import type { Sealer } from '../store/seal.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { openCredential } from './stored-credential.ts'
import { openModel } from './stored-model.ts'

export interface StoredModelsInput {
  readonly store: { readonly database: Database; readonly changes: Changes }
  readonly sealer: Sealer
  readonly log: Pick<Logger, 'warn' | 'error'>
  /** Told of all of them, when they are first read and whenever they are different. */
  readonly onRead: (deployments: readonly DeploymentConfig[]) => void
  /** How often they are read although nothing was heard: what is told may be lost. */
  readonly everyMs?: number | undefined
}

export interface StoredModels {
  /** Reads them now. */
  readonly read: () => Promise<void>
  readonly close: () => void
}

const EVERY_MS = 30_000

const models = resourceTable('models')
const credentials = resourceTable('credentials')

/** The deployments that are kept in the database, on every instance within moments of a change. */
export function followStoredModels(input: StoredModelsInput): StoredModels {
  const { store, log, onRead, everyMs = EVERY_MS } = input
  let last: Promise<void> = Promise.resolve()
  let known = ''
  const readOnce = async (): Promise<void> => {
    try {
      const deployments = await readDeployments(input)
      const { versions } = deployments
      if (versions === known) return
      known = versions
      onRead(deployments.configs)
    } catch (error) {
      log.warn({ error }, 'the models in the database could not be read; those known before stay')
    }
  }
  // One after the other, so that the one that began last has the last word.
  const read = (): Promise<void> => (last = last.then(readOnce))
  const stop = store.changes.subscribe((heard) => (isOurs(heard) ? read() : undefined))
  const timer = setInterval(() => void read(), everyMs)
  timer.unref()
  return {
    read,
    close: () => {
      stop()
      clearInterval(timer)
    },
  }
}

function isOurs(heard: Heard): boolean {
  return heard === 'gap' || heard.kind === 'model' || heard.kind === 'credential'
}

async function readDeployments({
  store,
  sealer,
  log,
}: StoredModelsInput): Promise<{ configs: DeploymentConfig[]; versions: string }> {
  const { kysely } = store.database
  const [rows, secrets] = await Promise.all([models.list(kysely), credentials.list(kysely)])
  const byName = new Map(secrets.map((secret) => [secret.id, secret]))
  const configs: DeploymentConfig[] = []
  // In the order in which they were made, as in a file.
  for (const row of rows.toSorted(
    (one, other) => one.created_ms - other.created_ms || (one.id < other.id ? -1 : 1),
  )) {
    try {
      const entry = await openModel(row, sealer)
      const secret = byName.get(nameOfCredential(entry) ?? '')
      const values = secret === undefined ? undefined : await openCredential(secret, sealer)
      configs.push(buildDeployment(entry, row.id, values))
    } catch (error) {
      log.error({ model: row.id, error }, 'a model in the database is left out: it cannot be opened')
    }
  }
  const versions = [...rows, ...secrets].map(({ id, version }) => `${id}@${version}`)
  return { configs, versions: JSON.stringify(versions.sort()) }
}

function nameOfCredential({ litellm_params: params }: ModelEntry): string | undefined {
  return params.litellm_credential_name ?? undefined
}
