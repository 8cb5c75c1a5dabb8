import { isSwitchyardError } from '@switchyard/llm/kit'
import { askForLittle } from '../deployments/ask-for-little.ts'
import type { Deployment } from '../deployments/deployments.ts'
import type { Services } from '../services.ts'
import { withoutSecrets } from './address.ts'

/** How a deployment did, as LiteLLM words it. */
export interface EndpointHealth {
  model: string
  model_name: string
  model_id: string
  api_base?: string | undefined
  error?: string | undefined
}

const AT_ONCE = 8
const PROBE_MS = 10_000

/** Asks deployments for a few tokens each, some at a time. */
export async function probeAll(
  deployments: readonly Deployment[],
  services: Services,
): Promise<{ healthy: EndpointHealth[]; unhealthy: EndpointHealth[] }> {
  const results: EndpointHealth[] = []
  const queue = deployments.entries()
  const work = async (): Promise<void> => {
    for (const [index, deployment] of queue) results[index] = await probe(deployment, services)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, deployments.length) }, work))
  return {
    healthy: results.filter(({ error }) => error === undefined),
    unhealthy: results.filter(({ error }) => error !== undefined),
  }
}

async function probe(deployment: Deployment, services: Services): Promise<EndpointHealth> {
  const { config, group, id, place } = deployment
  const { apiBase } = config.target
  const seen: EndpointHealth = {
    model: config.model,
    model_name: group,
    model_id: id,
    api_base: apiBase === undefined ? undefined : withoutSecrets(apiBase),
  }
  // What answers inside this process is well as long as the process is.
  if (place.type !== 'provider') return seen
  const mode =
    deployment.info()?.mode === 'embedding' || config.modelInfo.mode === 'embedding' ? 'embedding' : 'chat'
  try {
    await askForLittle(place.resolved, mode, {
      auth: services.auth,
      newId: services.newId,
      totalMs: PROBE_MS,
    })
    return seen
  } catch (error) {
    if (!isSwitchyardError(error))
      services.log.error({ error, deployment: id }, 'a probe failed unexpectedly')
    return {
      ...seen,
      error: isSwitchyardError(error) ? error.message : 'The probe failed; the log has the details.',
    }
  }
}
