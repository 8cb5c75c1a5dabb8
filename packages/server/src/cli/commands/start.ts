import { isSwitchyardError } from '@switchyard/llm/kit'
import type { Strategy } from '@switchyard/llm/kit'
import { randomUUID } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { startGateway } from '../../app.ts'
import type { Gateway } from '../../app.ts'
import { exitCodeFor, readEnvironment, renderFindings } from '../../config/index.ts'
import type { DeploymentConfig, EnvironmentReading, GatewayConfig, LoadSuccess } from '../../config/index.ts'
import { loadStrategies } from '../../deployments/load-strategies.ts'
import { demoModel } from '../../demo/demo-model.ts'
import type { AnswerCache } from '../../cache/answer-cache.ts'
import { openGovernance } from '../../governance.ts'
import type { Governance } from '../../governance.ts'
import { createServices } from '../../services.ts'
import type { Services } from '../../services.ts'
import { isStoreError } from '../../store/store-error.ts'
import { followCache } from '../start/cache.ts'
import { keepAdminKey } from '../start/admin-key.ts'
import { renderBanner } from '../start/banner.ts'
import type { KeyPlace } from '../start/banner.ts'
import { loadFor, strayModelFlags } from '../start/configuration.ts'
import type { StartFlags } from '../start/flags.ts'
import { chooseHost, isLoopback, reachableUrl } from '../start/host.ts'
import type { Credential } from '../start/host.ts'
import { createLogger } from '../start/logger.ts'
import { reloadOnDemand } from '../start/reload.ts'
import { CommandError, exitCodes, messageOf, systemCodeOf } from '../world.ts'
import type { World } from '../world.ts'

const DEFAULT_PORT = 4_000
const DEFAULT_DATA = '.switchyard'
/** How long the models of the database are waited for before the server listens. */
const MODELS_MS = 2_000

/** Serves until the process is asked to end. Gives the exit code. */
export async function start(flags: StartFlags, world: World): Promise<number> {
  const environment = readEnvironment(world.env)
  for (const problem of environment.problems) world.stderr.write(`${problem}; it counts as not set\n`)
  for (const flag of strayModelFlags(flags)) world.stderr.write(`${flag} counts only together with --model\n`)

  const configPath =
    flags.model === undefined ? (flags.config ?? environment.settings.configPath) : flags.config
  const loaded = await loadFor(flags, configPath, world)
  if (loaded.findings.length > 0) world.stderr.write(`${renderFindings(loaded.findings)}\n`)
  if (!loaded.ok) return exitCodeFor(loaded)

  const data = resolve(world.directory, flags.data ?? environment.settings.dataDirectory ?? DEFAULT_DATA)
  const { config, credential, key } = await credentialOf(loaded, configPath, data)
  const askedHost = flags.host ?? environment.settings.host
  const host = chooseHost(askedHost, credential)
  if (host === undefined) throw unguardedHost(String(askedHost), flags, environment)

  const log = createLogger({ level: levelOf(flags, environment), stdout: world.stdout })
  const governance = await govern(config, data, log)
  const answers = followCache({ data, log, world })
  const cache = await answers.of(config)
  const services = await prepare(config, governance, cache, log, world)
  answers.adopt(config, cache)
  services.metrics.watchLedger(governance.ledger.stats)
  let inForce = services
  let stored: readonly DeploymentConfig[] = []
  const storedModels = governance.followModels((models) => {
    stored = models
    inForce.deployments.add(models)
  })
  // Those of a database that is away come when it is there.
  const read = governance.ready.then(() => storedModels.read()).catch(() => undefined)
  await Promise.race([read, sleep(MODELS_MS, undefined, { ref: false })])
  const port = flags.port ?? environment.settings.port ?? DEFAULT_PORT
  const gateway = await listen(services, host, port)

  const models = [
    ...new Set(config.deployments.map(({ modelGroup }) => modelGroup)),
    ...Object.keys(config.aliases),
  ]
  world.stdout.write(
    renderBanner({
      version: world.version,
      url: reachableUrl(host, gateway.port),
      isPublic: !isLoopback(host),
      key,
      configPath: configPath === undefined ? undefined : resolve(world.directory, configPath),
      onlyModel: flags.model,
      models,
      exampleModel: exampleModel(config),
    }),
  )
  // Kept now, as a process that is killed keeps nothing at its end.
  flushCompileCache()
  if (configPath !== undefined) {
    const readAnew = async (): Promise<Services> => {
      const again = await loadFor(flags, configPath, world)
      if (!again.ok) throw new CommandError(renderFindings(again.findings))
      if (again.config.settings.masterKey === undefined && !isLoopback(host))
        throw new CommandError(
          `general_settings.master_key is gone, and other machines reach the server at ${host}`,
        )
      const next = await answers.of(again.config)
      inForce = await prepare(again.config, governance, next, log, world, services)
      answers.adopt(again.config, next)
      inForce.deployments.add(stored)
      return inForce
    }
    reloadOnDemand(gateway, readAnew, log, world)
  }
  const failure = await untilEnd(gateway, governance, flags.drain * 1_000, log, world)
  storedModels.close()
  await answers.close()
  await governance.close()
  if (failure !== undefined) throw failure
  return exitCodes.done
}

/** Who may do everything, and how the configuration says so. */
async function credentialOf(
  loaded: LoadSuccess,
  configPath: string | undefined,
  data: string,
): Promise<{ config: GatewayConfig; credential: Credential; key: KeyPlace }> {
  const { config, origin } = loaded
  if (config.settings.masterKey !== undefined) {
    const written = origin.location('general_settings.master_key')
    const variable = origin.variable('general_settings.master_key') ?? origin.environment.masterKey
    const place = written === undefined ? '' : `${written.file}:${written.line}`
    const key: KeyPlace =
      variable === undefined ? { type: 'configuration', place } : { type: 'variable', name: variable }
    return { config, credential: 'user', key }
  }
  if (configPath !== undefined) return { config, credential: 'none', key: { type: 'none' } }
  const kept = await keepAdminKey(data)
  const settings = Object.freeze({ ...config.settings, masterKey: kept.key })
  return {
    config: Object.freeze({ ...config, settings }),
    credential: 'generated',
    key: { type: 'kept', path: kept.path, fresh: kept.isNew ? kept.key.reveal() : undefined },
  }
}

function unguardedHost(host: string, flags: StartFlags, environment: EnvironmentReading): CommandError {
  const setting = flags.host === undefined ? environment.sources.host : '--host'
  return new CommandError(
    `${setting} ${host}: other machines would reach the server, and without a master key whoever does is its administrator.\n` +
      'Set general_settings.master_key in the configuration (or SWITCHYARD_MASTER_KEY), or leave the host out.',
    exitCodes.configuration,
  )
}

function levelOf(
  flags: StartFlags,
  environment: EnvironmentReading,
): NonNullable<EnvironmentReading['settings']['logLevel']> {
  if (flags.debug === true || flags.detailed_debug === true) return 'debug'
  return environment.settings.logLevel ?? 'info'
}

async function govern(config: GatewayConfig, dataDirectory: string, log: Logger): Promise<Governance> {
  try {
    return await openGovernance({ config, dataDirectory, log, nowMs: Date.now, newId: randomUUID })
  } catch (error) {
    throw unusableStore(error)
  }
}

/** What is kept is of a newer release, or cannot be opened; anything else is a fault of ours. */
function unusableStore(error: unknown): unknown {
  if (isStoreError(error, 'schema_version_mismatch', 'journal_version_mismatch'))
    return new CommandError(error.message, exitCodes.configuration)
  const isKnown = isSwitchyardError(error) || systemCodeOf(error) !== undefined
  return isKnown ? new CommandError(messageOf(error)) : error
}

/** A deployment that nobody can call is a mistake of the configuration, found before anyone asks for it. */
async function prepare(
  config: GatewayConfig,
  { accountsOf, store, shareRouting, shareSpend }: Governance,
  cache: AnswerCache | undefined,
  log: Logger,
  world: World,
  before?: Pick<Services, 'metrics' | 'softBudgets' | 'routing' | 'shadows'>,
): Promise<Services> {
  const strategies = await strategiesOf(config)
  try {
    return createServices({
      config,
      strategies,
      shareRouting,
      shareSpend,
      accounts: accountsOf(config),
      cache,
      store,
      log,
      version: world.version,
      env: (name) => world.env[name],
      localModels: [demoModel],
      ...(before === undefined
        ? {}
        : {
            metrics: before.metrics,
            softBudgets: before.softBudgets,
            routingSpend: before.routing.spend,
            shadows: before.shadows,
          }),
    })
  } catch (error) {
    if (isSwitchyardError(error))
      throw new CommandError(`model_list: ${error.message}`, exitCodes.configuration)
    throw error
  }
}

async function strategiesOf({ routing }: GatewayConfig): Promise<ReadonlyMap<string, Strategy>> {
  try {
    return await loadStrategies(routing)
  } catch (error) {
    throw new CommandError(`router_settings.routing_strategy: ${messageOf(error)}`, exitCodes.configuration)
  }
}

async function listen(services: Services, host: string, port: number): Promise<Gateway> {
  try {
    return await startGateway(services, { host, port })
  } catch (error) {
    const advice = {
      EADDRINUSE: `Port ${port} is in use. Stop what listens there, or choose another one with --port (0: any free one).`,
      EACCES: `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`,
      EADDRNOTAVAIL: `${host} is no address of this machine. Choose another one with --host, for example 0.0.0.0.`,
      ENOTFOUND: `${host} is no address that is known here. Choose another one with --host, for example 0.0.0.0.`,
    }[systemCodeOf(error) ?? '']
    throw new CommandError(advice ?? `Cannot listen on ${host}:${port}: ${messageOf(error)}`)
  }
}

/** What the example asks: a chat model by its own name, where there is one. */
function exampleModel({ deployments }: GatewayConfig): string | undefined {
  const chat = deployments.filter(({ modelInfo }) => (modelInfo['mode'] ?? 'chat') === 'chat')
  const named = chat.find(({ modelGroup }) => !modelGroup.includes('*'))
  return named?.modelGroup ?? chat[0]?.modelGroup.replace('*', '<model>')
}

/**
 * Runs on; when asked to end, or when the database turns out to be unusable, takes nothing new and lets running answers
 * finish. Gives what made it end, unless it was asked to.
 */
async function untilEnd(
  gateway: Gateway,
  governance: Governance,
  drainMs: number,
  log: Logger,
  world: World,
): Promise<unknown> {
  world.onCrash((error) => log.fatal({ err: error }, 'ended by an error that nobody was waiting for'))
  const { reason, failure } = await new Promise<{ reason: string; failure?: unknown }>((ended) => {
    world.onEnd((signal) => ended({ reason: signal }))
    governance.ready.catch((error) => ended({ reason: messageOf(error), failure: unusableStore(error) }))
  })
  log.info({ signal: reason }, 'ending: running answers may finish; a second signal ends at once')
  await gateway.close(drainMs)
  return failure
}
