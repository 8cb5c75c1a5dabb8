import { listAt, objectAt } from '../document/tree.ts'
import type { Plain, PlainObject } from '../document/tree.ts'
import type { EnvironmentSettings } from '../environment.ts'
import type { DeploymentConfig, GatewayConfig } from '../gateway-config.ts'
import type { ConfigFile } from '../schema.ts'
import { printRedacted } from '../secrets/redact.ts'
import { Secret } from '../secrets/secret.ts'
import { buildAccess } from './access.ts'
import { buildAccounting } from './accounting.ts'
import { buildCache } from './cache.ts'
import { deploymentId } from './deployment-id.ts'
import { buildDeployment } from './deployment.ts'
import { buildRouting } from './routing.ts'
import { buildHealth } from './health.ts'
import { buildAliases, buildSettings } from './settings.ts'

export interface BuildInput {
  /** The file, checked. */
  file: ConfigFile
  /** The same file as values, references resolved. */
  value: Plain
  /** The same file as it is written. */
  written: Plain
  /** What `environment_variables` sets. */
  variables: Readonly<Record<string, string>>
  environment: EnvironmentSettings
  /** Of the main file: paths in it are relative to this. */
  directory: string
  /** A variable of `environment_variables`, else of the process. */
  variable: (name: string) => string | undefined
}

export interface BuiltConfig {
  config: GatewayConfig
  /** Entries of `model_list` that are written exactly as an earlier one: `[index, index of the first]`. */
  repeated: [number, number][]
}

/** Puts a checked file into the gateway's own form. */
export function buildGatewayConfig(input: BuildInput): BuiltConfig {
  const repeated: [number, number][] = []
  const uses = new Map<string, { first: number; count: number }>()
  const credentials = new Map(
    (input.file.credential_list ?? []).map((credential) => [
      credential.credential_name,
      credential.credential_values,
    ]),
  )
  const written = listAt(input.written, 'model_list')
  const deployments = (input.file.model_list ?? []).map((entry, index): DeploymentConfig => {
    const named = entry.model_info?.id
    const id = named ?? deploymentId(entry.model_name, objectAt(written[index], 'litellm_params'))
    const use = uses.get(id)
    uses.set(id, { first: use?.first ?? index, count: (use?.count ?? 0) + 1 })
    if (use !== undefined) repeated.push([index, use.first])
    const ownId = use === undefined ? id : `${id}-${use.count + 1}`
    const credential = credentials.get(entry.litellm_params.litellm_credential_name ?? '')
    return buildDeployment(entry, ownId, credential, input.file.router_settings?.default_litellm_params ?? {})
  })
  const variables = Object.entries(input.variables)
  const accounting = buildAccounting(input.file, input.environment)
  const config: GatewayConfig = {
    deployments,
    settings: buildSettings(input.file, input.environment),
    health: buildHealth(input.file),
    access: buildAccess(input.file, input.directory, input.variable),
    accounting,
    cache: buildCache(input.file, accounting.redisUrl),
    routing: buildRouting(input.file, input.directory),
    aliases: buildAliases(input.file),
    environment: Object.fromEntries(variables.map(([name, value]) => [name, new Secret(value)])),
    sections: printRedacted(copySections(input.value), ''),
  }
  return { config: freeze(config), repeated }
}

function copySections(value: Plain): PlainObject {
  return { ...objectAt({ root: value }, 'root') }
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const child of Object.values(value)) freeze(child)
  return value
}
