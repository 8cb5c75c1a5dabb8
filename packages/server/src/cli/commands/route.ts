import { isSwitchyardError, parseJson } from '@switchyard/llm/kit'
import type { JsonObject } from '@switchyard/llm/kit'
import { z } from 'zod'
import { renderFindings } from '../../config/index.ts'
import { demoModel } from '../../demo/demo-model.ts'
import { loadStrategies } from '../../deployments/load-strategies.ts'
import { explainRoute as explain } from '../../gateway/explain-route.ts'
import { createServices } from '../../services.ts'
import { findGateway } from '../gateway/address.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import { createAsk } from '../gateway/send.ts'
import { readAnswer } from '../governance/answers.ts'
import { withoutGaps } from '../governance/limits.ts'
import { loadConfigFile } from '../start/configuration.ts'
import { printable } from '../terminal/printable.ts'
import { renderTable } from '../terminal/table.ts'
import type { Field } from '../terminal/table.ts'
import { CommandError, exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface ExplainRouteFlags extends GatewayFlags {
  model: string
  config?: string
  prompt?: string
  tags?: string
  body?: string
  json?: true
}

interface Row {
  readonly id: string
  readonly model_name: string
  readonly model: string
  /** Left out for the one that is chosen. */
  readonly why?: string | undefined
  readonly detail?: string | undefined
}

interface Explanation {
  readonly routing_strategy: string
  readonly chosen: Row | null
  readonly others: readonly Row[]
  readonly fallbacks: readonly string[]
  readonly refusal?: string | undefined
  readonly auto?: { readonly models: readonly string[]; readonly passed: readonly Passed[] } | undefined
}

interface Passed {
  readonly model: string
  readonly why: string
  readonly detail?: string | undefined
}

const row = z.object({
  id: z.string(),
  model_name: z.string(),
  model: z.string(),
  why: z.string().optional(),
  detail: z.string().optional(),
})
const explanation: z.ZodType<Explanation> = z.object({
  routing_strategy: z.string(),
  chosen: row.nullable(),
  others: z.array(row),
  fallbacks: z.array(z.string()),
  refusal: z.string().optional(),
  auto: z
    .object({
      models: z.array(z.string()),
      passed: z.array(z.object({ model: z.string(), why: z.string(), detail: z.string().optional() })),
    })
    .optional(),
})

const fields: readonly Field<Row>[] = [
  { title: 'deployment', cell: ({ id }) => id },
  { title: 'group', cell: ({ model_name: group }) => group },
  { title: 'model', cell: ({ model }) => model },
  { title: 'why', cell: ({ why }) => (why ?? 'chosen').replaceAll('_', ' ') },
  { title: '', cell: ({ detail }) => detail ?? '', optional: true },
]

/** Says where a request would go; ends with 1 when nobody would be asked. */
export async function explainRoute(flags: ExplainRouteFlags, world: World): Promise<number> {
  const body = bodyOf(flags)
  const answer =
    flags.config === undefined
      ? await createAsk(await findGateway(flags, world))({ path: '/utils/route', body })
      : await explainFile(flags.config, body, world)
  const found = readAnswer(explanation, answer)
  world.stdout.write(flags.json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : render(found))
  return found.chosen === null ? exitCodes.failed : exitCodes.done
}

function bodyOf({ model, prompt, tags, body }: ExplainRouteFlags): JsonObject {
  const given = body === undefined ? {} : parseJson(body)
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new CommandError(`--body is no JSON object; one looks like '{"messages": [], "tools": []}'`)
  return withoutGaps({
    ...given,
    model,
    messages: prompt === undefined ? (given as JsonObject)['messages'] : [{ role: 'user', content: prompt }],
    tags: tags === undefined ? (given as JsonObject)['tags'] : tags.split(',').map((tag) => tag.trim()),
  })
}

/** The same without a gateway: as if it had just been started. */
async function explainFile(path: string, body: JsonObject, world: World): Promise<unknown> {
  const loaded = await loadConfigFile(path, world)
  if (!loaded.ok) throw new CommandError(renderFindings(loaded.findings), exitCodes.configuration)
  const services = createServices({
    config: loaded.config,
    version: world.version,
    env: (name) => world.env[name],
    localModels: [demoModel],
    strategies: await loadStrategies(loaded.config.routing),
  })
  try {
    return await explain({ body, headers: {} }, services)
  } catch (error) {
    throw isSwitchyardError(error) ? new CommandError(error.message) : error
  } finally {
    await services.upstream.close()
  }
}

function render({
  chosen,
  others,
  routing_strategy: strategy,
  fallbacks,
  refusal,
  auto,
}: Explanation): string {
  const rows = chosen === null ? others : [chosen, ...others]
  const lines = [`strategy: ${strategy}`]
  if (auto !== undefined)
    lines.push(`models by rules: ${auto.models.join(', ')}`, ...auto.passed.map(passedText))
  if (fallbacks.length > 0) lines.push(`after a failure: ${fallbacks.join(', ')}`)
  if (refusal !== undefined) lines.push(`refused: ${refusal}`)
  return renderTable(fields, rows) + lines.map((line) => `${printable(line)}\n`).join('')
}

function passedText({ model, why, detail }: Passed): string {
  return `not ${model}: ${why.replaceAll('_', ' ')}${detail === undefined ? '' : ` (${detail})`}`
}
