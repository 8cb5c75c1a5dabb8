import type { LimitOptions, Pass } from '../limit/limiter.ts'
import { createLimiter } from '../limit/limiter.ts'
import { createError } from '../errors.ts'
import type { ChatCompletion, MessageParam } from '../types/openai.ts'
import type { ChatParams, CompletionFunction, CompletionParams } from './completion.ts'
import { inputTokensOf, outputTokensOf } from './estimate.ts'
import type { ClientWorld } from './options.ts'
import { createWorld } from './world.ts'

/** How a batch is worked off. */
export interface BatchOptions {
  /** How much at once and by the minute (default: 100 at once). */
  limit?: LimitOptions
}

type Whole = (CompletionParams | ChatParams) & { stream?: false | null | undefined }

/** One set of settings for many conversations. */
export interface BatchParams extends Omit<ChatParams, 'messages' | 'stream'>, BatchOptions {
  messages: readonly (readonly MessageParam[])[]
  [field: string]: unknown
}

/** One conversation for many models. */
export interface ModelsParams extends Omit<ChatParams, 'model' | 'stream'> {
  models: readonly string[]
  [field: string]: unknown
}

export interface BatchFunctions {
  /**
   * Many calls, so many at once; the results in the order of the calls. None of them fails the others.
   *
   * @example
   * const results = await batchCompletion({ model: 'openai/gpt-4o-mini', messages: [[first], [second]], limit: { rpm: 60 } })
   * for (const result of results) if (result.status === 'fulfilled') console.log(result.value.choices[0]?.message.content)
   */
  batchCompletion: {
    (params: BatchParams): Promise<PromiseSettledResult<ChatCompletion>[]>
    (calls: readonly Whole[], options?: BatchOptions): Promise<PromiseSettledResult<ChatCompletion>[]>
  }
  /**
   * Asks several models at once; the first that answers wins, and the others are broken off.
   *
   * @throws the failure of the first model named, when none answers.
   */
  batchCompletionModels: (params: ModelsParams) => Promise<ChatCompletion>
  /** Asks several models at once and waits for all; the results in the order of the models. */
  batchCompletionModelsAllResponses: (params: ModelsParams) => Promise<PromiseSettledResult<ChatCompletion>[]>
}

/** LiteLLM's number of threads. */
const DEFAULT_CONCURRENCY = 100

/** Makes the batch functions of a client or a router. */
export function createBatch(completion: CompletionFunction, parts: Partial<ClientWorld>): BatchFunctions {
  const world = createWorld(parts)

  async function batchCompletion(params: BatchParams): Promise<PromiseSettledResult<ChatCompletion>[]>
  async function batchCompletion(
    calls: readonly Whole[],
    options?: BatchOptions,
  ): Promise<PromiseSettledResult<ChatCompletion>[]>
  async function batchCompletion(
    given: BatchParams | readonly Whole[],
    options: BatchOptions = {},
  ): Promise<PromiseSettledResult<ChatCompletion>[]> {
    const { calls, limit } = isList(given) ? { calls: given, limit: options.limit } : spread(given)
    const limiter = createLimiter({ concurrency: DEFAULT_CONCURRENCY, ...limit }, world)
    return Promise.allSettled(
      calls.map(async (call) => {
        const fields = { ...call }
        const pass = await limiter.enter(inputTokensOf(fields) + (outputTokensOf(fields) ?? 0), call.signal)
        return leaving(pass, completion(call))
      }),
    )
  }

  return {
    batchCompletion,
    batchCompletionModels: ({ models, signal, ...params }) => first(completion, models, params, signal),
    batchCompletionModelsAllResponses: ({ models, ...params }) =>
      Promise.allSettled(someModels(models).map((model) => completion(whole(model, params)))),
  }
}

function isList(given: BatchParams | readonly Whole[]): given is readonly Whole[] {
  return Array.isArray(given)
}

function spread({ messages, limit, ...params }: BatchParams): {
  calls: Whole[]
  limit: LimitOptions | undefined
} {
  return { calls: messages.map((conversation) => ({ ...params, messages: conversation }) as Whole), limit }
}

/** Gives the place back with what was used. */
async function leaving(pass: Pass, call: Promise<ChatCompletion>): Promise<ChatCompletion> {
  try {
    const answer = await call
    pass.leave(answer.usage?.total_tokens)
    return answer
  } catch (error) {
    pass.leave(0)
    throw error
  }
}

async function first(
  completion: CompletionFunction,
  models: readonly string[],
  params: Omit<ModelsParams, 'models' | 'signal'>,
  signal: AbortSignal | undefined,
): Promise<ChatCompletion> {
  const race = new AbortController()
  const either = signal === undefined ? race.signal : AbortSignal.any([signal, race.signal])
  const asked = someModels(models).map((model) => completion({ ...whole(model, params), signal: either }))
  try {
    return await Promise.any(asked)
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error
  } finally {
    race.abort(new Error('another model answered first'))
  }
}

function whole(model: string, params: object): Whole {
  return { ...params, model } as Whole
}

function someModels(models: readonly string[]): readonly string[] {
  if (models.length > 0) return models
  throw createError({
    code: 'bad_request',
    message: 'models is empty: name at least one model',
    param: 'models',
  })
}
