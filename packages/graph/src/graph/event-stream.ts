import type { Handler } from '../runtime/handlers.ts'

/** Something that happened in a run, as version `v2` of LangChain's event streams has it. */
export interface StreamEvent {
  /** `on_chain_start`, `on_chat_model_stream`, `on_tool_end` … */
  readonly event: string
  /** Name of what it happened in: the graph, a node, a model, a tool. */
  readonly name: string
  readonly run_id: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly data: {
    readonly input?: unknown
    readonly output?: unknown
    readonly chunk?: unknown
    readonly error?: unknown
  }
}

/** Which events are shown: those of one of the included names, types and tags, and of none of the excluded ones. */
export interface EventFilter {
  readonly includeNames?: readonly string[] | undefined
  readonly includeTypes?: readonly string[] | undefined
  readonly includeTags?: readonly string[] | undefined
  readonly excludeNames?: readonly string[] | undefined
  readonly excludeTypes?: readonly string[] | undefined
  readonly excludeTags?: readonly string[] | undefined
}

interface Known {
  readonly type: string
  readonly name: string
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly input: unknown
  /** The outermost one: its chunks are those of the stream, and its input needs no repeating. */
  readonly isRoot: boolean
}

/** What is told of a run, as events. */
export interface EventSource {
  /** To be handed to the run. */
  readonly handler: Handler
  /** Tells of a chunk of the run's own stream. */
  chunk(chunk: unknown): void
}

/** Turns what handlers are told into events. */
export function createEventSource(filter: EventFilter, push: (event: StreamEvent) => void): EventSource {
  const runs = new Map<string, Known>()
  let rootId: string | undefined
  const emit = (runId: string, moment: string, data: StreamEvent['data']): void => {
    const run = runs.get(runId)
    if (run === undefined || !isShown(filter, run)) return
    const { type, name, tags, metadata } = run
    push({ event: `on_${type}_${moment}`, name, run_id: runId, tags, metadata, data })
  }
  const start = (runId: string, known: Omit<Known, 'isRoot'>): void => {
    rootId ??= runId
    runs.set(runId, { ...known, isRoot: rootId === runId })
    emit(runId, 'start', { input: known.input })
  }
  const end = (runId: string, output: unknown): void => {
    const run = runs.get(runId)
    emit(runId, 'end', run?.isRoot === false ? { output, input: run.input } : { output })
    runs.delete(runId)
  }
  const starter =
    (type: string, inputOf: (input: unknown) => unknown, positions: Positions) =>
    (...args: unknown[]): void => {
      const [what, input, runId] = args as [unknown, unknown, string]
      start(runId, {
        type,
        name: (args[positions.name] as string | undefined) ?? nameOf(what) ?? type,
        tags: (args[positions.tags] as string[] | undefined) ?? [],
        metadata: (args[positions.metadata] as Record<string, unknown> | undefined) ?? {},
        input: inputOf(input),
      })
    }
  const handler = {
    name: 'event stream',
    /** Asks LangChain's models to stream although they are only invoked. */
    lc_prefer_streaming: true,
    handleChainStart: starter('chain', (input) => input, { tags: 4, metadata: 5, name: 7 }),
    handleChatModelStart: starter('chat_model', (messages) => ({ messages }), MODEL),
    handleLLMStart: starter('llm', (prompts) => ({ prompts }), MODEL),
    handleToolStart: starter('tool', toolInput, { tags: 4, metadata: 5, name: 6 }),
    handleRetrieverStart: starter('retriever', (query) => ({ query }), { tags: 4, metadata: 5, name: 6 }),
    handleLLMNewToken(
      token: string,
      _indices: unknown,
      runId: string,
      _parent?: string,
      _tags?: unknown,
      fields?: { readonly chunk?: { readonly message?: unknown } },
    ): void {
      const chunk = fields?.chunk
      emit(runId, 'stream', { chunk: chunk?.message ?? chunk ?? { role: 'assistant', content: token } })
    },
    handleLLMEnd(output: { readonly generations?: { readonly message?: unknown }[][] }, runId: string): void {
      const first = output.generations?.[0]?.[0]
      end(runId, first?.message ?? output)
    },
    handleChainEnd: (output: unknown, runId: string): void => end(runId, bare(output, 'output')),
    handleToolEnd: (output: unknown, runId: string): void => end(runId, output),
    handleRetrieverEnd: (documents: unknown, runId: string): void => end(runId, documents),
    handleToolError(error: unknown, runId: string): void {
      emit(runId, 'error', { error, input: runs.get(runId)?.input })
      runs.delete(runId)
    },
    handleCustomEvent(
      name: string,
      data: unknown,
      runId: string,
      tags: string[] = [],
      metadata: Record<string, unknown> = {},
    ): void {
      const shown = isShown(filter, {
        type: 'custom_event',
        name,
        tags,
        metadata,
        input: data,
        isRoot: false,
      })
      if (shown) push({ event: 'on_custom_event', name, run_id: runId, tags, metadata, data: data as object })
    },
  }
  return {
    handler,
    chunk: (chunk) => {
      if (rootId !== undefined) emit(rootId, 'stream', { chunk })
    },
  }
}

interface Positions {
  readonly tags: number
  readonly metadata: number
  readonly name: number
}

const MODEL: Positions = { tags: 5, metadata: 6, name: 7 }

function nameOf(serialized: unknown): string | undefined {
  const { id, name } = (serialized ?? {}) as { readonly id?: readonly string[]; readonly name?: string }
  return name ?? id?.at(-1)
}

/** A value that handlers were given as a record because they are given nothing else. */
function bare(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return value
  const keys = Object.keys(value)
  return keys.length === 1 && keys[0] === key ? (value as Record<string, unknown>)[key] : value
}

/** LangChain writes a tool's input as text. */
function toolInput(input: unknown): unknown {
  if (typeof input !== 'string') return input
  try {
    return JSON.parse(input) as unknown
  } catch {
    return input
  }
}

function isShown(filter: EventFilter, { name, type, tags }: Known): boolean {
  const includes = [filter.includeNames, filter.includeTypes, filter.includeTags]
  const isIncluded =
    includes.every((list) => list === undefined) ||
    filter.includeNames?.includes(name) === true ||
    filter.includeTypes?.includes(type) === true ||
    filter.includeTags?.some((tag) => tags.includes(tag)) === true
  const isExcluded =
    filter.excludeNames?.includes(name) === true ||
    filter.excludeTypes?.includes(type) === true ||
    filter.excludeTags?.some((tag) => tags.includes(tag)) === true
  return isIncluded && !isExcluded
}
