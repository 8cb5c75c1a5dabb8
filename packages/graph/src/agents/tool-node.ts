import { END } from '../constants.ts'
import { Command, gotoList, isCommand, isSend } from '../control.ts'
import type { Send } from '../control.ts'
import { GraphInterrupt, isGraphBubbleUp, isGraphInterrupt } from '../errors.ts'
import { getConfig, streamToolEvent } from '../runtime/helpers.ts'
import type { Runtime } from '../node/runtime.ts'
import { isAssistantMessage, isMessageInstance, isToolMessage, textOf } from '../state/message.ts'
import type { Message, ToolMessage } from '../state/message.ts'
import { toolCallsOf } from '../state/tool-calls.ts'
import type { InvalidToolCall, ToolCall } from '../state/tool-calls.ts'
import { isClientTool, toClientTool } from '../tools/accept.ts'
import type { ClientTool, ToolLike } from '../tools/accept.ts'
import { asToolMessage, toolRuntime } from '../tools/tool.ts'

/** What a model is told when a tool throws. */
export type ToolErrorPolicy =
  | boolean
  /** Told instead of the error's own message. */
  | string
  /** Its text or tool message is what the model is told; with nothing, the node fails. */
  | ((error: unknown, call: ToolCall) => string | ToolMessage | undefined | void)

export interface ToolNodeOptions {
  readonly name?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** `true` (the default): the model is told what went wrong. `false`: the node fails. */
  readonly handleToolErrors?: ToolErrorPolicy | undefined
  /** Longest text of a result that the model is shown. What is longer is cut, and says so. Default: 200,000 characters. */
  readonly maxResultCharacters?: number | undefined
}

const DEFAULT_MAX_CHARACTERS = 200_000

type PendingCall = ToolCall | InvalidToolCall
type Output = Message | Command

/** Calls of the last assistant message that no tool message answers yet. */
export function pendingCalls(messages: readonly unknown[]): PendingCall[] {
  const last = messages.findLastIndex(isAssistantMessage)
  if (last < 0) return []
  const message = messages[last]
  const { valid, invalid } = toolCallsOf(message)
  // LangChain's instances carry unreadable calls beside the conversation: an answer to one would answer nothing.
  const calls = isMessageInstance(message) ? valid : inOrder(message, [...valid, ...invalid])
  // Only what follows is an answer: some models use the same ids again in each turn.
  const answered = new Set(
    messages
      .slice(last + 1)
      .filter(isToolMessage)
      .map(({ tool_call_id: id }) => id),
  )
  return calls.filter(({ id }) => id === undefined || !answered.has(id))
}

function inOrder(message: unknown, calls: PendingCall[]): PendingCall[] {
  const { tool_calls: written = [] } = message as { tool_calls?: readonly { id?: string }[] }
  const place = new Map(written.map(({ id }, index) => [id, index]))
  return calls.toSorted((left, right) => (place.get(left.id ?? '') ?? 0) - (place.get(right.id ?? '') ?? 0))
}

/** A command as data, so that it can be kept in the journal of a node, and back. */
interface KeptCommand {
  readonly __command__: {
    readonly graph: string | undefined
    readonly update: unknown
    readonly goto: readonly unknown[]
  }
}

function toKept(output: unknown): unknown {
  if (!isCommand(output)) return output
  const goto = gotoList(output)
  return { __command__: { graph: output.graph, update: output.update, goto } } satisfies KeptCommand
}

function fromKept(kept: unknown): Output {
  if (typeof kept !== 'object' || kept === null || !('__command__' in kept)) return kept as Message
  const { graph, update, goto } = (kept as KeptCommand).__command__
  return new Command({ graph, update, goto: goto as never }) as Command
}

/**
 * A node that runs the tools that the last assistant message asks for, all at once, and answers each call with a tool
 * message. What a call gave is kept: when the node has to run again, after an interrupt or a crash, tools that were done
 * are not called again. Interrupts of a tool pause the run.
 *
 * @example new StateGraph(MessagesAnnotation).addNode('tools', new ToolNode([search, calculator]))
 */
export class ToolNode {
  readonly name: string
  readonly tags: readonly string[] | undefined
  readonly tools: readonly ToolLike[]
  readonly handleToolErrors: ToolErrorPolicy
  readonly #maxCharacters: number
  readonly #byName: ReadonlyMap<string, ClientTool>

  constructor(tools: readonly ToolLike[], options: ToolNodeOptions = {}) {
    this.tools = tools
    this.name = options.name ?? 'tools'
    this.tags = options.tags
    this.handleToolErrors = options.handleToolErrors ?? true
    this.#maxCharacters = options.maxResultCharacters ?? DEFAULT_MAX_CHARACTERS
    this.#byName = new Map(tools.filter(isClientTool).map((one) => [one.name, toClientTool(one)]))
  }

  getName(): string {
    return this.name
  }

  /**
   * @param input messages, a state with `messages`, or a state with one call in `lg_tool_call`
   * @returns tool messages in the shape of the input, or a list with commands among them
   */
  async invoke(input: unknown, runtime: Partial<Runtime> = {}): Promise<unknown> {
    const asList = Array.isArray(input)
    const { lg_tool_call: one, ...rest } = (asList ? {} : input) as Record<string, unknown>
    const messages = asList ? (input as unknown[]) : rest['messages']
    if (one === undefined && !Array.isArray(messages)) {
      throw new TypeError(
        'ToolNode needs messages: give it a list of them, or a state with the key `messages`.',
      )
    }
    const calls = one === undefined ? this.#callsIn(messages as unknown[]) : [one as PendingCall]
    const state = one === undefined ? input : rest
    const outputs = await allOf(calls.map((call) => this.#answer(call, runtime, state)))
    if (!outputs.some(isCommand)) return asList ? outputs : { messages: outputs }
    // Outside of a graph nobody is handed over to, so each output stands for itself.
    return withCommands(outputs, asList, runtime.step !== undefined || getConfig() !== undefined)
  }

  #callsIn(messages: readonly unknown[]): PendingCall[] {
    if (messages.some(isAssistantMessage)) return pendingCalls(messages)
    throw new TypeError('ToolNode found no assistant message: there is nobody who asks for a tool.')
  }

  async #answer(call: PendingCall, runtime: Partial<Runtime>, state: unknown): Promise<Output> {
    if ('error' in call) return unreadable(call)
    const { step } = runtime
    if (step === undefined) return this.#run(call, runtime, state)
    // Inside of a step, interrupts are the call's own: they do not mix with those of the calls beside it.
    const kept = await step(`tool ${call.name} ${call.id ?? ''}`, async () =>
      toKept(await this.#run(call, getConfig() ?? runtime, state)),
    )
    return fromKept(kept)
  }

  async #run(call: ToolCall, runtime: Partial<Runtime>, state: unknown): Promise<Output> {
    const tell = (event: string, more: object): void =>
      streamToolEvent({ event, toolCallId: call.id, name: call.name, ...more }, runtime as Runtime)
    tell('on_tool_start', { input: call.args })
    try {
      const found = this.#byName.get(call.name)
      if (found === undefined) throw new Error(this.#notFound(call.name))
      const output = await found.run(call, toolRuntime(call, runtime, state))
      tell('on_tool_end', { output })
      if (isCommand(output)) return output as Command
      return this.#capped(isToolMessage(output) ? output : asToolMessage(found, call.id ?? '', output))
    } catch (error) {
      // A pause, a drain or a command for the parent is no error of the tool.
      if (isGraphBubbleUp(error)) throw error
      tell('on_tool_error', { error })
      if (this.handleToolErrors === false || runtime.signal?.aborted) throw error
      const told = explain(this.handleToolErrors, error, call)
      if (told === undefined) throw error
      return this.#capped(isToolMessage(told) ? told : failed(call, told as string))
    }
  }

  #notFound(name: string): string {
    const names = [...this.#byName.keys()]
    return `Tool "${name}" not found.${names.length === 0 ? '' : ` There are: ${names.join(', ')}.`}`
  }

  #capped(message: ToolMessage): ToolMessage {
    const text = textOf(message)
    if (text.length <= this.#maxCharacters || typeof message.content !== 'string') {
      return text.length <= this.#maxCharacters ? message : this.#cut(message, text)
    }
    return this.#cut(message, text)
  }

  #cut(message: ToolMessage, text: string): ToolMessage {
    // Not between the halves of a character.
    const shown = text.slice(0, this.#maxCharacters).replace(/[\ud800-\udbff]$/, '')
    const content = `${shown}\n[Cut: the result has ${text.length} characters, the first ${shown.length} are shown.]`
    if (!isMessageInstance(message)) return { ...message, content }
    ;(message as { content: unknown }).content = content
    return message
  }
}

/** All results; every call is waited for, and the questions of all that ask are asked together. */
async function allOf(answers: readonly Promise<Output>[]): Promise<Output[]> {
  const settled = await Promise.allSettled(answers)
  const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  const interrupts = failures.filter(isGraphInterrupt).flatMap((failure) => failure.interrupts ?? [])
  const other = failures.find((failure) => !isGraphInterrupt(failure))
  if (other !== undefined) throw other
  if (failures.length > 0) throw new GraphInterrupt(interrupts)
  return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

function explain(policy: ToolErrorPolicy, error: unknown, call: ToolCall): string | ToolMessage | undefined {
  if (typeof policy === 'function') return policy(error, call) ?? undefined
  if (typeof policy === 'string') return policy
  const message = error instanceof Error ? error.message : String(error)
  return `Error: ${message}\n Please fix your mistakes.`
}

function failed({ id, name }: PendingCall, content: string): ToolMessage {
  return { role: 'tool', status: 'error', name, tool_call_id: id ?? '', content }
}

function unreadable(call: InvalidToolCall): ToolMessage {
  return failed(
    call,
    `Error: the arguments of this call are no complete JSON (${call.error}). ` +
      'The tool was not called. Call it again with complete arguments; shorter ones if the answer was cut off.',
  )
}

function isForParent(output: Output): output is Command {
  return isCommand(output) && output.graph === Command.PARENT
}

/**
 * Messages and commands as a node returns them. Tasks for the parent become one command. Where the conversation is
 * handed to another agent, the results of the other calls go along, so that no call stays without its answer.
 */
function withCommands(outputs: readonly Output[], asList: boolean, inGraph: boolean): unknown[] {
  const isSends = (command: Command): boolean => {
    const goto = gotoList(command)
    return goto.length > 0 && goto.every(isSend)
  }
  const sends = outputs.filter((output): output is Command => isForParent(output) && isSends(output))
  const handoffs = outputs.filter(
    (output): output is Command => inGraph && isForParent(output) && !isSends(output),
  )
  const others = outputs.filter((output) => !isForParent(output) || (!inGraph && !isSends(output as Command)))
  const wrapped = others.map((output) => {
    if (isCommand(output)) return output
    return asList ? [output] : { messages: [output] }
  })
  const [handoff] = handoffs
  if (handoff !== undefined) {
    const results = others.filter((output): output is Message => !isCommand(output))
    const late = handoffs.slice(1).flatMap((command) => notHandedOver(command, handoff))
    return [...wrapped, alongWith(handoff, [...results, ...late])]
  }
  if (sends.length === 0) return wrapped
  const goto = sends.flatMap((command) => gotoList(command) as Send[])
  return [...wrapped, new Command({ graph: Command.PARENT, goto })]
}

function messagesOf(command: Command): unknown[] | undefined {
  const { messages } = (command.update ?? {}) as { messages?: unknown }
  return Array.isArray(messages) ? (messages as unknown[]) : undefined
}

function notHandedOver(command: Command, chosen: Command): ToolMessage[] {
  const answer = messagesOf(command)?.findLast(isToolMessage)
  if (answer === undefined) return []
  const content = `Error: not done. The conversation was handed to ${gotoList(chosen)
    .map(String)
    .join(', ')}.`
  return [{ role: 'tool', status: 'error', name: answer.name, tool_call_id: answer.tool_call_id, content }]
}

function alongWith(handoff: Command, results: readonly Message[]): Command {
  const messages = messagesOf(handoff)
  if (messages === undefined || results.length === 0) return handoff
  const own = messages.at(-1)
  const update = { ...(handoff.update as object), messages: [...messages.slice(0, -1), ...results, own] }
  return new Command({ graph: handoff.graph, update, goto: handoff.goto }) as Command
}

/** `tools` when the last message asks for one, else the end. For `addConditionalEdges`. */
export function toolsCondition(
  state: readonly unknown[] | { readonly messages: readonly unknown[] },
): 'tools' | typeof END {
  const messages = Array.isArray(state)
    ? (state as unknown[])
    : (state as { messages: readonly unknown[] }).messages
  const last = messages.at(-1) as { tool_calls?: unknown } | undefined
  return Array.isArray(last?.tool_calls) && last.tool_calls.length > 0 ? 'tools' : END
}
