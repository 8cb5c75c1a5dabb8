import { z } from 'zod'
import type { Principal } from '../../auth/principal.ts'
import { accessGroupsOf, mayUse, namesFor } from '../../gateway/model-access.ts'
import { unknownModel } from '../../gateway/refusals.ts'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

/** Nobody knows when a model behind a gateway was made; this is LiteLLM's date, so that answers stay the same. */
const CREATED_S = 1_677_610_602

const openaiModel = z
  .object({
    id: z.string().meta({ description: 'The name to ask for', example: 'gpt-5.4' }),
    object: z.literal('model'),
    created: z.int().meta({ description: 'Unix time in seconds; the same for all' }),
    owned_by: z.string().meta({ description: 'Always `openai`, for clients that choose a protocol by it' }),
  })
  .meta({ id: 'Model' })

const openaiList = z
  .object({ object: z.literal('list'), data: z.array(openaiModel) })
  .meta({ id: 'ModelList' })

/** As Python writes truth, too. */
const flag = z.enum(['true', 'false', 'True', 'False']).transform((value) => /^t/i.test(value))

const query = z.object({
  include_model_access_groups: flag.optional().meta({ description: 'Access groups beside the models' }),
  only_model_access_groups: flag.optional().meta({ description: 'Access groups instead of the models' }),
})

/** The models that the caller may use, by name. Clients that send `anthropic-version` get Anthropic's shapes. */
export function createModelRoutes(services: Services): readonly RestRoute[] {
  const { deployments } = services
  const isTheirs = (principal: Principal | undefined, name: string): boolean =>
    principal !== undefined && mayUse(principal, name, services)
  const list = defineRoute({
    method: 'GET',
    paths: ['/v1/models', '/models'],
    tag: 'Models',
    summary:
      'The models of this gateway, in OpenAI’s shape or, with an anthropic-version header, in Anthropic’s',
    access: 'models:read',
    query,
    answer: { description: 'The models', schema: openaiList },
    handle: ({ query: asked, headers, principal }) => {
      const accessGroups = deployments.all().flatMap(({ config }) => accessGroupsOf(config.modelInfo))
      const { only_model_access_groups: only, include_model_access_groups: include } = asked
      const groups = only === true || include === true ? accessGroups : []
      const names = [
        ...new Set([
          ...(only === true || principal === undefined ? [] : namesFor(principal, services)),
          ...groups.filter((name) => isTheirs(principal, name)),
        ]),
      ]
      return json(
        headers['anthropic-version'] === undefined
          ? { object: 'list', data: names.map(renderOpenai) }
          : {
              data: names.map(renderAnthropic),
              has_more: false,
              first_id: names[0] ?? null,
              last_id: names.at(-1) ?? null,
            },
      )
    },
  })
  const single = defineRoute({
    method: 'GET',
    paths: ['/v1/models/*', '/models/*'],
    wildcard: { name: 'model_id', description: 'The model’s name; may hold slashes' },
    tag: 'Models',
    summary: 'One model by its name',
    access: 'models:read',
    answer: { description: 'The model', schema: openaiModel },
    handle: ({ wildcard: name, headers, principal }) => {
      if (name === '' || deployments.find(name).length === 0 || !isTheirs(principal, name))
        throw unknownModel(name)
      return json(headers['anthropic-version'] === undefined ? renderOpenai(name) : renderAnthropic(name))
    },
  })
  return [list, single]
}

function renderOpenai(id: string): z.infer<typeof openaiModel> {
  return { id, object: 'model', created: CREATED_S, owned_by: 'openai' }
}

function renderAnthropic(id: string): object {
  return { type: 'model', id, display_name: id, created_at: new Date(CREATED_S * 1000).toISOString() }
}
