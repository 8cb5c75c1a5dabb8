import {
  createDeploymentStates,
  failureOfCredentials,
  parseJson,
  providers,
  TransportError,
} from '@switchyard/llm/kit'
import type { AuthContext, Catalog, ResolvedTarget, Timeouts } from '@switchyard/llm/kit'
import type { DeploymentConfig, GatewayConfig } from '../../config/index.ts'
import { askForLittle, probedMode } from '../../deployments/ask-for-little.ts'
import { createDeployments } from '../../deployments/deployments.ts'
import type { DeploymentPlace } from '../../deployments/deployments.ts'
import type { LocalModel } from '../../deployments/local-model.ts'
import { messageOf } from '../world.ts'
import type { Check } from './check.ts'
import type { Probe } from './model-list.ts'
import { lists, modelsIn, probeOf } from './model-list.ts'

/** What checking a deployment takes from the world. */
export interface DoctorContext {
  config: GatewayConfig
  catalog: Catalog
  auth: AuthContext
  localModels: readonly LocalModel[]
  newId: () => string
  /** Whether each model may be asked for a few tokens. */
  live: boolean
  /** Answers of addresses that were asked before with the same key, so that each is asked once. */
  probed: Map<string, Promise<Probed>>
}

/** What an address answered. */
interface Probed {
  status: number
  models: string[]
}

const timeouts: Timeouts = { connectMs: 5_000, firstByteMs: 5_000, idleMs: 5_000, totalMs: 10_000 }
/** Reasoning models take their time. */
const LIVE_MS = 60_000
/** Lists of models are read up to here. */
const MAX_BYTES = 4 * 1024 * 1024

/** Whether a deployment can be called: provider, address, key, and whether both are accepted. */
export async function checkDeployment(entry: DeploymentConfig, context: DoctorContext): Promise<Check> {
  const subject = entry.modelGroup
  const failure = (error: unknown, fix: string): Check => ({
    verdict: 'failure',
    subject,
    message: `${entry.model}: ${messageOf(error)}`,
    fix,
  })
  let place: DeploymentPlace
  let probe: Probe
  try {
    const found = placeOf(entry, context)
    if (found === undefined)
      return {
        verdict: 'ok',
        subject,
        message: `${entry.model}: the provider is found by each name that is asked for`,
      }
    if (found.type !== 'provider')
      return { verdict: 'ok', subject, message: `${entry.model}: answers inside this process` }
    place = found
    probe = probeOf(found.resolved, context.auth.env.bind(context.auth))
  } catch (error) {
    return failure(error, 'correct this entry of model_list')
  }
  const { resolved } = place
  try {
    probe.headers = { ...probe.headers, ...(await sign(resolved, probe, context.auth)) }
  } catch (error) {
    return failure(error, keyAdvice(resolved))
  }
  try {
    const answered = await probeOnce(probe, context)
    const check = judge(entry, resolved, probe, answered)
    if (check.verdict === 'failure' || !context.live || entry.model.includes('*')) return check
  } catch (error) {
    return failure(error, reachAdvice(error, probe.url))
  }
  try {
    await askForLittle(resolved, probedMode(entry.modelInfo['mode']), { ...context, totalMs: LIVE_MS })
    return { verdict: 'ok', subject, message: `${entry.model}: answers` }
  } catch (error) {
    return failure(error, 'see what the service says')
  }
}

/** A pattern is checked by what stands around its star; `undefined` where nothing does. */
function placeOf(entry: DeploymentConfig, context: DoctorContext): DeploymentPlace | undefined {
  if (entry.model === '*') return undefined
  const { config, catalog, auth, localModels } = context
  const single = { ...entry, modelGroup: entry.modelGroup.replaceAll('*', 'any') }
  const deployments = createDeployments({
    states: createDeploymentStates(),
    config: { ...config, deployments: [single] },
    catalog,
    env: auth.env.bind(auth),
    registry: providers,
    localModels,
    monotonicMs: auth.nowMs,
  })
  return deployments.all()[0]?.place
}

async function sign(
  resolved: ResolvedTarget,
  probe: Probe,
  auth: AuthContext,
): Promise<Record<string, string>> {
  const { provider, target } = resolved
  const credentials = { apiKey: target.apiKey, options: target.options ?? {} }
  try {
    const { url, headers } = probe
    return await provider.auth.authorize({ method: 'GET', url, headers, body: undefined }, credentials, auth)
  } catch (error) {
    throw failureOfCredentials(error, provider, { provider: provider.id, model: target.model })
  }
}

function keyAdvice({ provider }: ResolvedTarget): string {
  const [variable] = provider.keyEnv ?? []
  return variable === undefined
    ? `give the credentials of ${provider.name} in litellm_params`
    : `set ${variable}, or api_key: os.environ/NAME in litellm_params`
}

function reachAdvice(error: unknown, url: string): string {
  if (!(error instanceof TransportError) || error.kind !== 'forbidden_address')
    return 'check api_base, the network and whether the service is up'
  const { hostname, port, protocol } = new URL(url)
  const place = `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`
  return `if that network is meant, write network: { allow_private: ['${place}'] } into the configuration`
}

function probeOnce(probe: Probe, context: DoctorContext): Promise<Probed> {
  const key = JSON.stringify([probe.url, probe.headers])
  const known = context.probed.get(key)
  if (known !== undefined) return known
  const asked = ask(probe, context.auth)
  context.probed.set(key, asked)
  return asked
}

async function ask({ url, headers, listsModels }: Probe, auth: AuthContext): Promise<Probed> {
  const response = await auth.transport({ method: 'GET', url, headers, timeouts })
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MAX_BYTES || !listsModels) break
  }
  return { status: response.status, models: modelsIn(parseJson(Buffer.concat(chunks).toString('utf8'))) }
}

function judge(
  entry: DeploymentConfig,
  resolved: ResolvedTarget,
  probe: Probe,
  { status, models }: Probed,
): Check {
  const subject = entry.modelGroup
  const { host } = new URL(probe.url)
  const { model } = resolved.target
  if (!probe.listsModels)
    return {
      verdict: 'ok',
      subject,
      message: `${entry.model}: ${host} can be reached; the key was not tried`,
    }
  if (status === 401)
    return {
      verdict: 'failure',
      subject,
      message: `${entry.model}: ${host} refuses the key (401)`,
      fix: `check it: ${keyAdvice(resolved)}`,
    }
  if (status === 403)
    return {
      verdict: 'warning',
      subject,
      message: `${entry.model}: ${host} does not let this key list models (403)`,
      fix: 'try the model itself: switchyard doctor --live',
    }
  if (status >= 500)
    return {
      verdict: 'failure',
      subject,
      message: `${entry.model}: ${host} answers with status ${status}`,
      fix: 'check whether the service is up, and api_base',
    }
  if (status >= 300)
    return {
      verdict: 'ok',
      subject,
      message: `${entry.model}: ${host} can be reached; it lists no models (${status})`,
    }
  if (models.length > 0 && !model.includes('*') && !lists(models, model))
    return {
      verdict: 'warning',
      subject,
      message: `${entry.model}: ${host} takes the key, but '${model}' is not in its list of models`,
      fix: 'check the name, or try it: switchyard doctor --live',
    }
  return { verdict: 'ok', subject, message: `${entry.model}: ${host} takes the key` }
}
