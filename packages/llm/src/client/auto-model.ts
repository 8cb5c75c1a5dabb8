import { createError } from '../errors.ts'
import { explainChoice, firstOf } from '../router/index.ts'
import type { AutoFacts, ChoiceRequest, RouterEngine, RouterRules } from '../router/index.ts'
import type { Capability } from '../types/model.ts'
import type { CallDeployment } from './deployment.ts'
import { inputTokensOf, mostPicoUsd, outputTokensOf } from './estimate.ts'

type Params = Readonly<Record<string, unknown>>

/** Whom a name may stand for, and by which rules. */
export interface AutoContext {
  readonly find: (model: string) => readonly CallDeployment[]
  readonly engine: Pick<RouterEngine, 'nowMs' | 'random'>
  readonly rules: RouterRules
  readonly tags: readonly string[]
  readonly maxPicoUsd: bigint | undefined
}

/** What an answer is taken to be long, where the call does not say. */
const SHORT_ANSWER_TOKENS = 1_024

/**
 * The model group to ask: of an auto group the one of its first rule that holds and that `max_cost` reaches; else what
 * was named.
 *
 * @throws `bad_request` where no rule holds; `service_unavailable` where one would, but nobody can answer.
 */
export function autoModel(name: string, params: Params, context: AutoContext): string {
  const { find, engine, rules, tags, maxPicoUsd } = context
  const autoRules = rules.autoGroups.get(name)
  if (autoRules === undefined) return name
  const needs = needsOf(params)
  const choice: ChoiceRequest = {
    stream: params['stream'] === true,
    tags,
    inputTokens: () => inputTokensOf(params),
    needs: () => needs,
  }
  const strict: RouterRules = { ...rules, choice: { ...rules.choice, preCallChecks: true } }
  const facts: AutoFacts = {
    tags,
    inputTokens: choice.inputTokens,
    needs: () => needs,
    costOf: (model) => dearest(find(model), params),
    hindrance: (model) => {
      const candidates = find(model)
      if (candidates.length === 0) return `no model group '${model}'`
      const world = { nowMs: engine.nowMs(), random: engine.random }
      return explainChoice(model, candidates, choice, strict, world).refusal
    },
  }
  const { models, passed } = firstOf(autoRules, facts)
  const within = models.find((model) => maxPicoUsd === undefined || reaches(find(model), params, maxPicoUsd))
  // Where the money reaches nobody, the cheapest of them says so.
  const found = within ?? models.at(-1)
  if (found !== undefined) return found
  const reasons = passed.map(
    ({ model, why, detail }) => `${model}: ${why}${detail === undefined ? '' : ` (${detail})`}`,
  )
  throw createError({
    code: passed.some(({ why }) => why === 'unavailable') ? 'service_unavailable' : 'bad_request',
    reason: 'no_rule_holds',
    message: `Router: no rule of '${name}' leads to a model for this call. ${reasons.join('; ')}. Name a model, or add a rule without conditions to auto_groups.`,
    model: name,
    param: 'model',
  })
}

function costAt({ rates }: CallDeployment, params: Params): bigint | undefined {
  const price = rates()
  if (price === undefined) return undefined
  return mostPicoUsd(price, inputTokensOf(params), outputTokensOf(params) ?? SHORT_ANSWER_TOKENS)
}

function dearest(candidates: readonly CallDeployment[], params: Params): bigint | undefined {
  let most: bigint | undefined
  for (const candidate of candidates) {
    const cost = costAt(candidate, params)
    if (cost === undefined) return undefined
    if (most === undefined || cost > most) most = cost
  }
  return most
}

function reaches(candidates: readonly CallDeployment[], params: Params, maxPicoUsd: bigint): boolean {
  return candidates.some((candidate) => {
    const cost = costAt(candidate, params)
    return cost !== undefined && cost <= maxPicoUsd
  })
}

const PARTS: readonly (readonly [part: RegExp, need: Capability])[] = [
  [/^(image_url|input_image|image)$/, 'vision'],
  [/^(file|input_file|document)$/, 'pdf_input'],
  [/^input_audio$/, 'audio_input'],
]

/** What a call uses, in OpenAI's words for it. */
function needsOf({ tools, response_format: format, messages, input }: Params): readonly Capability[] {
  const needs = new Set<Capability>()
  if (Array.isArray(tools) && tools.length > 0) needs.add('function_calling')
  if (typeOf(format) === 'json_schema') needs.add('response_schema')
  for (const message of [messages, input].flat()) {
    const content =
      typeof message === 'object' && message !== null && 'content' in message ? message.content : []
    for (const part of Array.isArray(content) ? content : [])
      for (const [word, need] of PARTS) if (word.test(typeOf(part))) needs.add(need)
  }
  return [...needs]
}

function typeOf(value: unknown): string {
  return typeof value === 'object' && value !== null && 'type' in value ? String(value.type) : ''
}
