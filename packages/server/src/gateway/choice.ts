import { estimateTokens, textOfRequest } from '@switchyard/llm/kit'
import type { Capability, ChatRequest, ChoiceRequest, RoutedDeployment } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { Deployment } from '../deployments/deployments.ts'
import type { Affinity } from '../deployments/affinity.ts'
import type { RoutingBudgets } from '../deployments/routing-budgets.ts'
import type { Parties } from '../ledger/entry.ts'
import type { Services } from '../services.ts'
import { affinityKeys } from './affinity-keys.ts'
import type { LlmCall } from './call.ts'
import type { Exchange } from './exchange.ts'
import { isConversation } from './routes/routes.ts'

/** Whose request it is. */
export interface Asking extends Pick<Exchange, 'principal'> {
  readonly parties?: Pick<Parties, 'tags'> | undefined
  readonly request: { readonly headers: IncomingHttpHeaders }
}

const NO_TAGS: readonly string[] = []

/** What choosing a deployment may know of a request. Most of it is looked at only where a rule asks for it. */
export function choiceOf(
  exchange: Asking,
  call: LlmCall,
  services: Pick<Services, 'routing'>,
): ChoiceRequest {
  return new Choice(exchange, call, services)
}

class Choice implements ChoiceRequest {
  readonly stream: boolean
  readonly tags: readonly string[]
  readonly maxInputTokens: number
  readonly #exchange: Asking
  readonly #call: LlmCall
  readonly #budgets: RoutingBudgets
  readonly #affinity: Affinity
  #inputTokens: number | undefined
  #needs: readonly Capability[] | undefined

  constructor(exchange: Asking, call: LlmCall, { routing }: Pick<Services, 'routing'>) {
    this.stream = call.stream
    this.tags = exchange.parties?.tags ?? NO_TAGS
    // A token takes a byte at least; each input of an embedding request, each document, has the window for itself.
    this.maxInputTokens = isConversation(call.route) ? call.body.length : 0
    this.#exchange = exchange
    this.#call = call
    this.#budgets = routing.budgets
    this.#affinity = routing.affinity
  }

  readonly inputTokens = (): number => (this.#inputTokens ??= estimateInput(this.#call))

  readonly needs = (): readonly Capability[] =>
    (this.#needs ??= isConversation(this.#call.route) ? needsOf(this.#call.chatRequest()) : [])

  /** The search goes through the deployments that this gateway made. */
  readonly overBudget = (deployment: RoutedDeployment): string | undefined =>
    this.#budgets.hindrance(deployment as Deployment, this.tags)

  readonly preferred = (): readonly string[] => {
    if (this.#affinity.checksOf(this.#call.model).length === 0) return NO_TAGS
    const keys = affinityKeys(this.#exchange, this.#call, this.#affinity)
    return keys.flatMap((key) => this.#affinity.find(key) ?? [])
  }

  get about(): readonly string[] {
    const agent = this.#exchange.request.headers['user-agent']
    return agent === undefined ? NO_TAGS : [`User-Agent: ${agent}`]
  }

  /** `allowed_model_region` of the key. */
  get region(): string | undefined {
    const region = this.#exchange.principal?.metadata['allowed_model_region']
    return typeof region === 'string' ? region : undefined
  }
}

/** Of English text. */
const BYTES_PER_TOKEN = 4

function estimateInput(call: LlmCall): number {
  if (!isConversation(call.route)) return Math.ceil(call.body.length / BYTES_PER_TOKEN)
  return estimateTokens(textOfRequest(call.chatRequest()))
}

const PART_NEEDS: Readonly<Record<string, Capability>> = {
  image: 'vision',
  audio: 'audio_input',
  file: 'pdf_input',
}

/** What a model has to be able to do for a request. */
function needsOf({ messages, tools, responseFormat, webSearch }: ChatRequest): readonly Capability[] {
  const needs = new Set<Capability>()
  if (tools !== undefined && tools.length > 0) needs.add('function_calling')
  if (responseFormat?.type === 'json-schema') needs.add('response_schema')
  if (webSearch !== undefined) needs.add('web_search')
  for (const { content } of messages)
    for (const { type } of content) {
      const need = PART_NEEDS[type]
      if (need !== undefined) needs.add(need)
    }
  return [...needs]
}
