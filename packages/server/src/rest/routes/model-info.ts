import { renderLitellmModel } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import type { DeploymentConfig } from '../../config/index.ts'
import { mayUse } from '../../gateway/model-access.ts'
import type { Services } from '../../services.ts'
import { withoutSecrets } from '../address.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

/** Cloud settings that say where, not as whom. */
const PUBLIC_OPTIONS = ['aws_region_name', 'vertex_project', 'vertex_location', 'region_name'] as const

const deploymentInfo = z
  .looseObject({
    model_name: z.string().meta({ description: 'The name that clients ask for' }),
    litellm_params: z.looseObject({
      model: z.string().meta({ description: 'The model string with its provider' }),
      api_base: z.string().optional(),
    }),
    model_info: z.looseObject({
      id: z.string().meta({ description: 'The deployment’s id' }),
      mode: z.string().optional(),
      max_input_tokens: z.int().optional(),
      max_output_tokens: z.int().optional(),
      input_cost_per_token: z.number().optional().meta({ description: 'US dollars' }),
      output_cost_per_token: z.number().optional().meta({ description: 'US dollars' }),
    }),
  })
  .meta({ id: 'DeploymentInfo' })

const answer = z.object({ data: z.array(deploymentInfo) })

const query = z.object({
  litellm_model_id: z.string().optional().meta({ description: 'Only the deployment with this id' }),
})

const count = z.coerce.number().int().min(1)
const pageQuery = z.object({
  modelId: z.string().optional().meta({ description: 'Only the deployment with this id' }),
  search: z.string().optional().meta({ description: 'Only names that hold this text' }),
  page: count.default(1),
  size: count.default(50).meta({ description: 'Deployments on a page' }),
})
const pageAnswer = answer.extend({
  total_count: z.int(),
  current_page: z.int(),
  total_pages: z.int(),
  size: z.int(),
})

/** LiteLLM's lists of deployments: limits, abilities and prices, and no secret. */
export function createModelInfoRoutes(services: Services): readonly RestRoute[] {
  const { deployments } = services
  const isTheirs = (principal: Principal | undefined, { modelGroup }: DeploymentConfig): boolean =>
    principal !== undefined && mayUse(principal, modelGroup, services)
  const whole = defineRoute({
    method: 'GET',
    paths: ['/model/info', '/v1/model/info'],
    tag: 'Models',
    summary: 'Every deployment with its limits, abilities and prices',
    access: 'models:read',
    query,
    answer: { description: 'The deployments', schema: answer },
    handle: ({ query: { litellm_model_id: id }, principal }) => {
      const entries = deployments
        .configs()
        .filter((entry) => (id === undefined || entry.id === id) && isTheirs(principal, entry))
      return json({ data: entries.map((entry) => render(entry, services)) })
    },
  })
  const paged = defineRoute({
    method: 'GET',
    paths: ['/v2/model/info'],
    tag: 'Models',
    summary: 'The same by pages, for names that hold a text',
    access: 'models:read',
    query: pageQuery,
    answer: { description: 'A page of deployments', schema: pageAnswer },
    handle: ({ query: { modelId, search, page, size }, principal }) => {
      const text = search?.toLowerCase() ?? ''
      const found = deployments
        .configs()
        .filter(
          (entry) =>
            (modelId === undefined || entry.id === modelId) &&
            entry.modelGroup.toLowerCase().includes(text) &&
            isTheirs(principal, entry),
        )
      return json({
        data: found.slice((page - 1) * size, page * size).map((entry) => render(entry, services)),
        total_count: found.length,
        current_page: page,
        total_pages: Math.ceil(found.length / size),
        size,
      })
    },
  })
  return [whole, paged]
}

function render(entry: DeploymentConfig, { deployments }: Services): z.infer<typeof deploymentInfo> {
  const deployment = deployments.byId(entry.id)
  const info = deployment?.info()
  return {
    model_name: entry.modelGroup,
    litellm_params: renderParams(entry),
    model_info: {
      ...(info === undefined ? {} : renderLitellmModel(info)),
      ...entry.modelInfo,
      id: entry.id,
      db_model: entry.modelInfo['db_model'] === true,
    },
  }
}

function renderParams({ model, target, ...entry }: DeploymentConfig): {
  model: string
  [key: string]: unknown
} {
  const options = PUBLIC_OPTIONS.filter((name) => target.options[name] !== undefined)
  return {
    model,
    api_base: target.apiBase === undefined ? undefined : withoutSecrets(target.apiBase),
    api_version: target.apiVersion,
    custom_llm_provider: target.customProvider,
    ...Object.fromEntries(options.map((name) => [name, target.options[name]])),
    rpm: entry.rpm,
    tpm: entry.tpm,
    weight: entry.weight,
    order: entry.order,
    tags: entry.tags.length === 0 ? undefined : entry.tags,
  }
}
