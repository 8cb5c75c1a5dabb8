import { NAMESPACE_END, NAMESPACE_SEPARATOR, TAG_NOSTREAM } from '../constants.ts'
import { isMessageInstance } from '../state/message.ts'
import type { EventLog } from './event-log.ts'

type Metadata = Readonly<Record<string, unknown>>

/** Marks callback handlers of ours, so that a subgraph does not get a second one. */
const OURS: unique symbol = Symbol.for('switchyard.messages') as never

/** What a LangChain model tells whom it was handed. */
interface ModelCallbacks {
  readonly [OURS]: true
  readonly name: string
  readonly lc_prefer_streaming: true
  handleChatModelStart(
    model: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extra?: unknown,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
  ): void
  handleLLMNewToken(
    token: string,
    indices: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    fields?: { readonly chunk?: { readonly message?: unknown } },
  ): void
  handleLLMEnd(output: { generations?: { message?: unknown }[][] }, runId: string): void
  handleLLMError(error: unknown, runId: string): void
  handleToolStart(
    tool: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    name?: string,
    toolCallId?: string,
  ): void
  handleToolEvent(chunk: unknown, runId: string): void
  handleToolEnd(output: unknown, runId: string): void
  handleToolError(error: unknown, runId: string): void
}

/** Tells a run's log of messages: tokens of models as they come, and whole messages that nodes return, each once. */
export class MessageStream {
  /** To be handed to LangChain models and tools that nodes call. */
  readonly callbacks: ModelCallbacks
  readonly #log: EventLog
  readonly #seen: Set<string> = new Set()
  readonly #newId: () => string

  constructor(log: EventLog, newId: () => string = () => crypto.randomUUID()) {
    this.#log = log
    this.#newId = newId
    this.callbacks = langchainCallbacks(this, log)
  }

  /** A token, or a whole message. The namespace is the one of the task that it comes from. */
  emit(namespace: string, message: unknown, metadata: Metadata): void {
    const { id } = message as { id?: unknown }
    if (typeof id === 'string') this.#seen.add(id)
    this.#log.emit(namespace.split(NAMESPACE_SEPARATOR), { type: 'message', message, metadata })
  }

  /** Whole messages in what a task wrote, without those that it was given or that were streamed already. */
  fromTask(input: unknown, written: readonly unknown[], namespace: string, metadata: () => Metadata): void {
    if (!this.#log.wants('message')) return
    for (const message of messagesIn(valuesOf(input))) if (message.id != null) this.#seen.add(message.id)
    for (const message of messagesIn(written)) {
      if (message.id != null && this.#seen.has(message.id)) continue
      // With an id of its own from here on, it is the same message in the state, in the stream, and in the graphs around.
      if (message.id == null && Object.isExtensible(message)) nameMessage(message, this.#newId())
      this.emit(namespace, message, metadata())
    }
  }

  /** Whether a whole message was shown before. */
  hasSeen(id: unknown): boolean {
    return typeof id === 'string' && this.#seen.has(id)
  }
}

/** Whether a handler is ours: it is no handler of the user's. */
export const isOurs = (handler: object): boolean => OURS in handler

/** Callbacks with ours among them, once: a list gets longer, a manager of LangChain's is copied. */
export function withCallbacks(given: unknown, ours: ModelCallbacks): unknown {
  if (given === undefined || given === null) return [ours]
  if (Array.isArray(given)) return [...(given as object[]).filter((handler) => !isOurs(handler)), ours]
  const manager = given as {
    handlers?: object[]
    copy?: () => { addHandler: (handler: unknown, inherit: boolean) => void }
  }
  if (typeof manager.copy !== 'function' || manager.handlers?.includes(ours)) return given
  const copy = manager.copy()
  copy.addHandler(ours, true)
  return copy
}

function langchainCallbacks(stream: MessageStream, log: EventLog): ModelCallbacks {
  const runs = new Map<
    string,
    { readonly namespace: string; readonly metadata: Metadata; streamed: boolean; id?: string }
  >()
  const tools = new Map<string, { readonly namespace: string; readonly base: Record<string, unknown> }>()
  const emit = (runId: string, message: unknown): void => {
    const run = runs.get(runId)
    if (run === undefined) return
    const given = (message as { id?: string | null }).id
    // Some providers name only their first chunk: the others are parts of the same message.
    const id = given == null || given === `run-${runId}` ? (run.id ?? given ?? `run-${runId}`) : given
    run.id ??= id
    if (id !== given) nameMessage(message, id)
    stream.emit(run.namespace, message, run.metadata)
  }
  const tellTool = (runId: string, event: string, more: Record<string, unknown>): void => {
    const tool = tools.get(runId)
    if (tool === undefined) return
    log.emit(tool.namespace.split(NAMESPACE_SEPARATOR), {
      type: 'tool',
      data: { event, ...tool.base, ...more },
    })
  }
  return {
    [OURS]: true,
    name: 'StreamMessagesHandler',
    lc_prefer_streaming: true,
    handleChatModelStart(_model, _messages, runId, _parent, _extra, tags, metadata, name) {
      const namespace = metadata?.['langgraph_checkpoint_ns']
      if (typeof namespace !== 'string' || tags?.includes(TAG_NOSTREAM) || tags?.includes('nostream')) return
      const canonical = withoutLastId(namespace)
      runs.set(runId, {
        namespace,
        metadata: { tags, name, ...metadata, langgraph_checkpoint_ns: canonical },
        streamed: false,
      })
    },
    handleLLMNewToken(token, _indices, runId, _parent, _tags, fields) {
      const run = runs.get(runId)
      if (run === undefined) return
      run.streamed = true
      const message = fields?.chunk?.message
      emit(runId, message ?? tokenMessage(token))
    },
    handleLLMEnd(output, runId) {
      const run = runs.get(runId)
      const message = output.generations?.[0]?.[0]?.message
      if (
        run !== undefined &&
        !run.streamed &&
        message != null &&
        !stream.hasSeen((message as { id?: unknown }).id)
      ) {
        emit(runId, message)
      }
      runs.delete(runId)
    },
    handleLLMError(_error, runId) {
      runs.delete(runId)
    },
    handleToolStart(_tool, input, runId, _parent, _tags, metadata, name, toolCallId) {
      const namespace = metadata?.['langgraph_checkpoint_ns']
      if (typeof namespace !== 'string') return
      tools.set(runId, { namespace, base: { toolCallId, name } })
      tellTool(runId, 'on_tool_start', { input })
    },
    handleToolEvent(chunk, runId) {
      tellTool(runId, 'on_tool_event', { data: chunk })
    },
    handleToolEnd(output, runId) {
      tellTool(runId, 'on_tool_end', { output })
      tools.delete(runId)
    },
    handleToolError(error, runId) {
      tellTool(runId, 'on_tool_error', { error })
      tools.delete(runId)
    },
  }
}

/** A token of a model that hands over no message: plain, and it tells LangChain's functions what it is. */
function tokenMessage(token: string): unknown {
  const type = { value: () => 'ai' }
  return Object.defineProperties({ role: 'assistant', content: token }, { getType: type, _getType: type })
}

function nameMessage(message: unknown, id: string): void {
  const named = message as { id?: string; lc_kwargs?: Record<string, unknown> }
  named.id = id
  if (named.lc_kwargs !== undefined) named.lc_kwargs['id'] = id
}

function withoutLastId(namespace: string): string {
  const end = namespace.lastIndexOf(NAMESPACE_END)
  return end === -1 ? namespace : namespace.slice(0, end + 1)
}

interface AnyMessage {
  id?: string | null | undefined
}

function messagesIn(values: readonly unknown[]): AnyMessage[] {
  return values.flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value])).filter(isMessage)
}

const valuesOf = (input: unknown): unknown[] =>
  typeof input === 'object' && input !== null ? [input, ...(Object.values(input) as unknown[])] : [input]

function isMessage(value: unknown): value is AnyMessage {
  if (typeof value !== 'object' || value === null) return false
  if (isMessageInstance(value as never)) return true
  const { role, content } = value as { role?: unknown; content?: unknown }
  return typeof role === 'string' && role !== 'remove' && content !== undefined
}
