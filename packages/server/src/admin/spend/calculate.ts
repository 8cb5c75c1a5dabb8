import { cost, countTokens, parseOpenaiChatUsage, usdFromPicoUsd } from '@switchyard/llm/kit'
import type { CountableMessage, JsonObject, Rates, Usage } from '@switchyard/llm/kit'
import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import { defineRoute, json } from '../../rest/route.ts'
import type { Services } from '../../services.ts'
import { badRequest } from '../refusals.ts'

const body = z.object({
  model: z.string().nullish().meta({ description: 'A model of this gateway, or any that has a known price' }),
  messages: z.array(z.looseObject({ role: z.string() })).nullish(),
  completion_response: z.looseObject({}).nullish().meta({ description: 'An answer with its usage' }),
})

/** LiteLLM's `/spend/calculate`: what an answer cost, or what messages would cost to send. */
export function createCalculateRoute(services: Services): RestRoute {
  return defineRoute({
    method: 'POST',
    paths: ['/spend/calculate'],
    tag: 'Spend',
    summary: 'What an answer cost, or what messages would cost to send',
    access: 'models:use',
    body,
    example: { model: '<model>', messages: [{ role: 'user', content: 'Hello' }] },
    answer: { description: 'US dollars', schema: z.object({ cost: z.number() }) },
    handle: async ({ body: { model, messages, completion_response: answer } }) => {
      const name = model ?? (typeof answer?.['model'] === 'string' ? answer['model'] : undefined)
      if (messages == null && answer == null)
        throw badRequest(
          "Bad Request - Either 'messages' or 'completion_response' must be provided",
          'messages',
        )
      if (name === undefined)
        throw badRequest("Missing 'model' parameter. Name the model whose price holds.", 'model')
      const rates = ratesOf(name, services)
      if (rates === undefined)
        throw badRequest(`No price is known for the model '${name.slice(0, 200)}'.`, 'model', 'unknown_price')
      const usage = answer == null ? await usageOf(messages ?? [], name) : usageIn(answer as JsonObject)
      return json({ cost: usdFromPicoUsd(cost(usage, rates).totalPicoUsd) })
    },
  })
}

function ratesOf(model: string, { deployments, catalog }: Services): Rates | undefined {
  const [deployment] = deployments.find(model)
  return deployment?.ratesFor(undefined) ?? catalog.findModel(model)?.rates
}

async function usageOf(messages: readonly { role: string }[], model: string): Promise<Usage> {
  const { tokens } = await countTokens({ model, messages: messages as readonly CountableMessage[] })
  return { inputTokens: tokens, outputTokens: 0, source: 'estimated' }
}

function usageIn(answer: JsonObject): Usage {
  const usage = parseOpenaiChatUsage(answer['usage'], {})
  if (usage === undefined) throw badRequest('The answer has no usage.', 'completion_response.usage')
  return usage
}
