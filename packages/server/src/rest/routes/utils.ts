import { chatSurfaceOf, countTokens, createError, REQUEST_PARAMS } from '@switchyard/llm/kit'
import type { CountableMessage, CountableTool } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { Deployment } from '../../deployments/deployments.ts'
import { unknownModel } from '../../gateway/refusals.ts'
import type { Services } from '../../services.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'
import { nameOf } from './count-tokens.ts'

const part: z.ZodType<NonNullable<Exclude<CountableMessage['content'], string | null>>[number]> =
  z.looseObject({
    type: z.string(),
    text: z.string().optional(),
  })
const message: z.ZodType<CountableMessage> = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
})
const tool: z.ZodType<CountableTool> = z.looseObject({ type: z.string() })

const counterBody = z
  .object({
    model: z.string(),
    prompt: z.union([z.string(), z.array(z.string())]).nullish(),
    messages: z.array(message).nullish().meta({ description: 'Messages in OpenAI’s shape' }),
    tools: z.array(tool).nullish(),
  })
  .meta({ id: 'TokenCounterRequest' })

const counterAnswer = z
  .object({
    total_tokens: z.int(),
    request_model: z.string().meta({ description: 'The model as it was named' }),
    model_used: z.string().meta({ description: 'The model whose tokenizer counted' }),
    tokenizer_type: z
      .string()
      .meta({ description: 'The tokenizer, or the family whose tokenizer was estimated' }),
  })
  .meta({ id: 'TokenCounterAnswer' })

const paramsQuery = z.object({ model: z.string().meta({ description: 'A model of this gateway' }) })

/** LiteLLM's helpers for programs that prepare requests. */
export function createUtilRoutes(services: Services): readonly RestRoute[] {
  const counter = defineRoute({
    method: 'POST',
    paths: ['/utils/token_counter'],
    tag: 'Tokens',
    summary: 'Counts the tokens of a prompt or of messages here, without asking a provider',
    access: 'models:use',
    body: counterBody,
    example: { model: '<model>', messages: [{ role: 'user', content: 'Hello' }] },
    answer: { description: 'The count', schema: counterAnswer },
    handle: async ({ body: { model, prompt, messages, tools } }) => {
      if (prompt == null && messages == null)
        throw createError({
          code: 'bad_request',
          reason: 'missing_required_parameter',
          message: "Missing required parameter: 'messages' or 'prompt'.",
          param: 'messages',
        })
      const [deployment] = services.deployments.find(model)
      const used = deployment === undefined ? model : nameOf(deployment)
      const counted = await countTokens({
        model: used,
        text: prompt ?? undefined,
        messages: messages ?? undefined,
        tools: tools ?? undefined,
      })
      return json({
        total_tokens: counted.tokens,
        request_model: model,
        model_used: used,
        tokenizer_type: counted.tokenizer,
      })
    },
  })
  const params = defineRoute({
    method: 'GET',
    paths: ['/utils/supported_openai_params'],
    tag: 'Models',
    summary: 'The parameters that a model’s provider can take',
    access: 'models:use',
    query: paramsQuery,
    answer: {
      description: 'The parameters',
      schema: z.object({ supported_openai_params: z.array(z.string()) }),
    },
    handle: ({ query: { model } }) => {
      const [deployment] = services.deployments.find(model)
      if (deployment === undefined) throw unknownModel(model)
      return json({ supported_openai_params: supportedBy(deployment) })
    },
  })
  return [counter, params]
}

/** The parameters by OpenAI's names that a deployment can take. */
export function supportedBy({ place }: Deployment): readonly string[] {
  const always = ['stream', 'stream_options', 'max_completion_tokens']
  if (place.type !== 'provider') return [...always, ...REQUEST_PARAMS]
  const { params } = chatSurfaceOf(place.resolved, 'chat').protocol
  return [...always, ...[...params].filter((param) => place.quirks.unsupported?.includes(param) !== true)]
}
