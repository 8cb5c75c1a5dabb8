import { surroundingTask } from '../runtime/ambient.ts'
import { streamMessage } from '../runtime/helpers.ts'
import type { Runtime } from '../node/runtime.ts'
import type { AssistantMessage, FunctionCall } from '../state/message.ts'

/** The call that `@switchyard/llm` and its clients offer. */
export type CompletionCall = (
  params: Record<string, unknown> & { model: string; messages: never[] },
) => Promise<unknown>

/** Something with a `completion` function: `createClient()` of `@switchyard/llm`, or the like. */
export interface CompletionClient {
  readonly completion: CompletionCall
}

interface CallDelta {
  readonly index: number
  readonly id?: string
  readonly function?: { readonly name?: string; readonly arguments?: string }
}

interface Delta {
  readonly content?: string | null
  readonly refusal?: string | null
  readonly reasoning_content?: string
  readonly tool_calls?: readonly CallDelta[]
}

interface Chunk {
  readonly id?: string
  readonly choices?: readonly { readonly delta?: Delta; readonly finish_reason?: string | null }[]
  readonly usage?: { readonly total_tokens?: number } | null
}

interface Completion {
  readonly id?: string
  readonly choices?: readonly { readonly message?: AssistantMessage }[]
  readonly usage?: { readonly total_tokens?: number } | null
}

/** What is used of `@switchyard/llm`. */
interface Client extends CompletionClient {
  /** In USD. */
  readonly completionCost: (input: { readonly model: string; readonly usage: unknown }) => number
}

let loaded: Promise<Client> | undefined

/** `@switchyard/llm`, loaded when the first model is called. */
async function loadClient(): Promise<Client> {
  loaded ??= import('@switchyard/llm').then(
    (llm) => llm as Client,
    (cause: unknown) => {
      loaded = undefined
      throw new Error(
        'A model given by its name needs the package `@switchyard/llm`: npm install @switchyard/llm',
        { cause },
      )
    },
  )
  return loaded
}

/**
 * Counts a call against the run's budgets. Where the run has a budget of money, a call whose price is not known fails: it
 * must not count as free.
 */
async function count(
  model: string,
  usage: Completion['usage'],
  runtime: Partial<Runtime> | undefined,
): Promise<void> {
  runtime?.control?.addUsage({ tokens: usage?.total_tokens ?? 0 })
  const task = surroundingTask(runtime)
  if (task?.host.settings.budgets?.maxCostPicoUsd === undefined) return
  const { completionCost } = await loadClient()
  const costUsd = completionCost({ model, usage: usage ?? undefined })
  runtime?.control?.addUsage({ costPicoUsd: BigInt(Math.round(costUsd * 1e12)) })
}

/**
 * One call to a model. Its tokens go to the `messages` stream of the run when somebody listens, and its tokens count
 * against the run's budget.
 */
export async function complete(
  params: Record<string, unknown> & { model: string; messages: readonly unknown[] },
  client: CompletionClient | undefined,
  runtime: Partial<Runtime> | undefined,
): Promise<AssistantMessage> {
  const { completion } = client ?? (await loadClient())
  const signal = runtime?.signal
  const call = { ...params, ...(signal === undefined ? {} : { signal }) } as Parameters<CompletionCall>[0]
  const task = surroundingTask(runtime)
  if (task?.host.messages === undefined) {
    const answer = (await completion(call)) as Completion
    const message = answer.choices?.[0]?.message
    if (message === undefined) throw new Error(`The model "${params.model}" answered without a choice.`)
    await count(params.model, answer.usage, runtime)
    return { ...message, id: answer.id ?? crypto.randomUUID() }
  }
  const stream = await completion({ ...call, stream: true, stream_options: { include_usage: true } })
  return collect(params.model, stream as AsyncIterable<Chunk>, runtime)
}

/** The message that a stream amounts to, each piece shown on its way. */
async function collect(
  model: string,
  stream: AsyncIterable<Chunk>,
  runtime: Partial<Runtime> | undefined,
): Promise<AssistantMessage> {
  let id: string | undefined
  let content = ''
  let refusal = ''
  let reasoning = ''
  const calls: FunctionCall[] = []
  let usage: Chunk['usage']
  for await (const chunk of stream) {
    id ??= chunk.id ?? crypto.randomUUID()
    if (chunk.usage) usage = chunk.usage
    const delta = chunk.choices?.[0]?.delta
    if (delta === undefined) continue
    content += delta.content ?? ''
    refusal += delta.refusal ?? ''
    reasoning += delta.reasoning_content ?? ''
    for (const part of delta.tool_calls ?? []) addCall(calls, part)
    if (delta.content || delta.refusal || delta.reasoning_content || delta.tool_calls !== undefined) {
      streamMessage({ id, role: 'assistant', content: '', ...delta }, undefined, runtime as Runtime)
    }
  }
  await count(model, usage, runtime)
  return {
    id: id ?? crypto.randomUUID(),
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    ...(refusal === '' ? {} : { refusal }),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls.filter((call) => call !== undefined) }),
  }
}

function addCall(calls: FunctionCall[], part: CallDelta): void {
  const call = (calls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } })
  if (part.id !== undefined && part.id !== '') call.id = part.id
  call.function.name += part.function?.name ?? ''
  call.function.arguments += part.function?.arguments ?? ''
}
