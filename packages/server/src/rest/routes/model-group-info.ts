import { renderLitellmModel } from '@switchyard/llm/kit'
import type { JsonObject } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Deployment } from '../../deployments/deployments.ts'
import { namesFor } from '../../gateway/model-access.ts'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'
import { supportedBy } from './utils.ts'

const ABILITIES = [
  'supports_parallel_function_calling',
  'supports_vision',
  'supports_web_search',
  'supports_url_context',
  'supports_reasoning',
  'supports_function_calling',
] as const

/** Of these the largest that a deployment of the group has is told, as LiteLLM does. */
const LARGEST = [
  'max_input_tokens',
  'max_output_tokens',
  'input_cost_per_token',
  'output_cost_per_token',
  'input_cost_per_pixel',
] as const

const amount = z.number().nullable()
const groupInfo = z
  .looseObject({
    model_group: z.string().meta({ description: 'The name that clients ask for' }),
    providers: z.array(z.string()),
    mode: z.string(),
    max_input_tokens: amount,
    max_output_tokens: amount,
    input_cost_per_token: amount.meta({ description: 'US dollars; the dearest deployment’s' }),
    output_cost_per_token: amount.meta({ description: 'US dollars; the dearest deployment’s' }),
    tpm: amount.meta({ description: 'Tokens per minute of all deployments' }),
    rpm: amount.meta({ description: 'Requests per minute of all deployments' }),
    supported_openai_params: z.array(z.string()),
  })
  .meta({ id: 'ModelGroupInfo' })

const query = z.object({ model_group: z.string().optional().meta({ description: 'Only this group' }) })

/** LiteLLM's summary of what stands behind each name. */
export function createModelGroupInfoRoute(services: Services): RestRoute {
  const { deployments } = services
  return defineRoute({
    method: 'GET',
    paths: ['/model_group/info'],
    tag: 'Models',
    summary: 'Every name with its providers, limits, abilities and prices, deployments taken together',
    access: 'models:read',
    query,
    answer: { description: 'The groups', schema: z.object({ data: z.array(groupInfo) }) },
    handle: ({ query: { model_group: only }, principal }) => {
      const { aliases = {} } = principal ?? {}
      const names = principal === undefined ? [] : namesFor(principal, services)
      return json({
        data: names
          .filter((name) => only === undefined || name === only)
          .map((name) => summarize(name, deployments.find(aliases[name] ?? name))),
      })
    },
  })
}

function summarize(name: string, group: readonly Deployment[]): z.infer<typeof groupInfo> {
  const described = group.map((deployment): JsonObject => {
    const info = deployment.info()
    return info === undefined ? {} : renderLitellmModel(info)
  })
  const mode = described.find((one) => one.mode !== undefined)?.mode
  return {
    model_group: name,
    providers: [...new Set(group.map(providerOf))],
    mode: typeof mode === 'string' ? mode : 'chat',
    ...largest(described),
    tpm: sum(group.map(({ tpm }) => tpm)),
    rpm: sum(group.map(({ rpm }) => rpm)),
    ...Object.fromEntries(
      ABILITIES.map((ability) => [ability, described.some((one) => one[ability] === true)]),
    ),
    supported_openai_params: [...new Set(group.flatMap(paramsOf))],
    is_public_model_group: false,
  }
}

function providerOf({ place }: Deployment): string {
  if (place.type === 'provider') return place.resolved.provider.id
  return place.type === 'local' ? place.model.id : place.type
}

function paramsOf(deployment: Deployment): readonly string[] {
  const { place } = deployment
  // Some offer vectors only.
  const isSilent = place.type === 'provider' && place.resolved.provider.speaks.chat === undefined
  return isSilent ? [] : supportedBy(deployment)
}

function largest(described: readonly JsonObject[]): Record<(typeof LARGEST)[number], number | null> {
  const largestOf = (name: (typeof LARGEST)[number]): number | null => {
    const known = described.map((one) => one[name]).filter((value) => typeof value === 'number')
    return known.length === 0 ? null : Math.max(...known)
  }
  return Object.fromEntries(LARGEST.map((name) => [name, largestOf(name)])) as Record<
    (typeof LARGEST)[number],
    number | null
  >
}

/** `null` where nobody sets a limit. */
function sum(limits: readonly (number | undefined)[]): number | null {
  const set = limits.filter((limit) => limit !== undefined)
  return set.length === 0 ? null : set.reduce((total, limit) => total + limit, 0)
}
