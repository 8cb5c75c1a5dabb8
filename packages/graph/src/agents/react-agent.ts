import type { BinaryOperatorAggregate, LastValue } from '../channels/index.ts'
import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import { DEFAULT_RECURSION_LIMIT, END, START } from '../constants.ts'
import { Send } from '../control.ts'
import type { CompiledStateGraph } from '../graph/compiled.ts'
import { StateGraph } from '../graph/builder.ts'
import { isInvocable } from '../graph/action.ts'
import type { Invocable } from '../graph/action.ts'
import type { Runtime } from '../node/runtime.ts'
import { Annotation } from '../state/annotation.ts'
import type { AnnotationRoot } from '../state/annotation.ts'
import { toStateSpec } from '../state/definition.ts'
import type { StateInit, StateOf, UpdateOf } from '../state/definition.ts'
import {
  isAssistantMessage,
  isMessageInstance,
  isSystemMessage,
  isToolMessage,
  isUserMessage,
} from '../state/message.ts'
import type { Message, SystemMessage } from '../state/message.ts'
import { messagesStateReducer } from '../state/messages.ts'
import type { Messages } from '../state/messages.ts'
import { isStandardSchema } from '../state/standard-schema.ts'
import type { BaseStore } from '../store/store.ts'
import { isClientTool } from '../tools/accept.ts'
import type { ToolLike } from '../tools/accept.ts'
import { addAgentNames, removeAgentName } from './agent-name.ts'
import type { AgentNameMode } from './agent-name.ts'
import { askModel, askStructured } from './model.ts'
import type { ModelLike } from './model.ts'
import { pendingCalls, ToolNode } from './tool-node.ts'

type AgentDefinition = {
  messages: BinaryOperatorAggregate<Message[], Messages>
  structuredResponse: LastValue<unknown>
}

/** The state of an agent that declares none of its own. */
export function createReactAgentAnnotation(): AnnotationRoot<AgentDefinition> {
  return Annotation.Root({
    messages: Annotation<Message[], Messages>({
      reducer: (left, right) => messagesStateReducer(left, right),
      default: () => [],
    }),
    structuredResponse: Annotation<unknown>,
  }) as unknown as AnnotationRoot<AgentDefinition>
}

/** What an agent's model is shown before the conversation, or instead of it. */
export type Prompt<State> =
  | string
  | SystemMessage
  | ((state: State, runtime: Runtime) => readonly unknown[] | Promise<readonly unknown[]>)
  | Invocable

type Hook<State> = ((state: State, runtime: Runtime) => unknown) | Invocable

export interface CreateReactAgentParams<State extends StateInit = AnnotationRoot<AgentDefinition>> {
  readonly llm: ModelLike<StateOf<State>>
  readonly tools: ToolNode | readonly ToolLike[]
  readonly prompt?: Prompt<StateOf<State>> | undefined
  /** @deprecated `prompt` is the same. */
  readonly stateModifier?: Prompt<StateOf<State>> | undefined
  /** @deprecated `prompt` is the same, but for functions: they are given the state there, and the messages here. */
  readonly messageModifier?:
    | string
    | SystemMessage
    | ((messages: Message[], runtime: Runtime) => readonly unknown[] | Promise<readonly unknown[]>)
    | Invocable
    | undefined
  /** The state, when it has more than messages; it needs the key `messages`. */
  readonly stateSchema?: State | undefined
  readonly contextSchema?: object | undefined
  readonly checkpointer?: Checkpointer | ForeignSaver | boolean | undefined
  /** As `checkpointer`. */
  readonly checkpointSaver?: Checkpointer | ForeignSaver | boolean | undefined
  readonly store?: BaseStore | undefined
  readonly interruptBefore?: readonly string[] | '*' | undefined
  readonly interruptAfter?: readonly string[] | '*' | undefined
  /**
   * A schema that the result in `structuredResponse` has to fit: Standard Schema, JSON Schema, or `{ schema, prompt }`;
   * further fields are options of a LangChain model's `withStructuredOutput`.
   * Costs one more call of the model, after the last answer.
   */
  readonly responseFormat?: unknown
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly includeAgentName?: AgentNameMode | undefined
  /** Runs before the model; may return `llmInputMessages`, which the model is shown in place of the conversation. */
  readonly preModelHook?: Hook<StateOf<State>> | undefined
  /** Runs after the model. */
  readonly postModelHook?: Hook<StateOf<State>> | undefined
  /** `v1` (the default): one tools node answers all calls. `v2`: one task of the tools node for each call. */
  readonly version?: 'v1' | 'v2' | undefined
  /**
   * Whether an agent that has no steps left for another round of tools says so and ends, in place of failing with
   * GRAPH_RECURSION_LIMIT. Default: yes.
   */
  readonly stepGuard?: boolean | undefined
  /** `false`: at most one tool call in an answer. */
  readonly parallelToolCalls?: boolean | undefined
}

interface AgentState {
  readonly messages: readonly Message[]
  readonly llmInputMessages?: readonly Message[] | undefined
}

/** A graph that lets a model call tools until it has its answer. */
export type ReactAgent<State extends StateInit> = CompiledStateGraph<
  StateOf<State> & { messages: Message[]; structuredResponse?: unknown },
  Partial<UpdateOf<State>> & { messages?: Messages },
  string
>

const OUT_OF_STEPS = 'Sorry, need more steps to process this request.'

/**
 * An agent: a model that calls tools, sees their results, and goes on until it needs none.
 *
 * @example
 * const agent = createReactAgent({ llm: 'anthropic/claude-sonnet-5', tools: [getWeather], prompt: 'Be brief.' })
 * const { messages } = await agent.invoke({ messages: 'How is the weather in Oslo?' })
 */
export function createReactAgent(
  params: CreateReactAgentParams & { readonly stateSchema?: undefined },
): ReactAgent<AnnotationRoot<AgentDefinition>>
export function createReactAgent<State extends StateInit>(
  params: CreateReactAgentParams<State> & { readonly stateSchema: State },
): ReactAgent<State>
export function createReactAgent<State extends StateInit>(
  params: CreateReactAgentParams<State>,
): ReactAgent<State> {
  const { llm, name, version = 'v1', responseFormat, preModelHook, postModelHook } = params
  const toolNode =
    params.tools instanceof ToolNode ? params.tools : new ToolNode(params.tools as readonly ToolLike[])
  const { tools } = toolNode
  const schema = (params.stateSchema ?? createReactAgentAnnotation()) as StateInit
  const { channels } = toStateSpec(schema)
  if (!('messages' in channels)) throw new TypeError('Missing required `messages` key in state schema.')
  const model = llm as ModelLike
  const prompt = promptOf(params as CreateReactAgentParams) as Prompt<unknown> | undefined
  const hooks = (preModelHook === undefined ? 0 : 1) + (postModelHook === undefined ? 0 : 1)

  async function agent(state: AgentState, runtime: Runtime): Promise<unknown> {
    const { llmInputMessages, ...rest } = state
    const seen =
      llmInputMessages !== undefined && llmInputMessages.length > 0 ? llmInputMessages : state.messages
    const shown = await applyPrompt(prompt, { ...rest, messages: seen }, runtime)
    const messages = addAgentNames(shown, params.includeAgentName, name)
    const { parallelToolCalls } = params
    const said = await askModel(
      model,
      { messages, tools, parallelToolCalls, runtime },
      { ...rest, messages: seen },
    )
    const answer = params.includeAgentName === undefined ? said : removeAgentName(said)
    const message = withName(answer, name)
    const isLast = params.stepGuard !== false && !hasRoom(state.messages, runtime, 2 + hooks, name)
    if (isLast && pendingCalls([message]).length > 0) {
      return {
        messages: [
          {
            id: message.id,
            role: 'assistant',
            content: OUT_OF_STEPS,
            ...(name === undefined ? {} : { name }),
          },
        ],
      }
    }
    return { messages: [message] }
  }

  async function structured(state: AgentState, runtime: Runtime): Promise<unknown> {
    const { schema: format, prompt: instruction, options } = readFormat(responseFormat)
    const messages: Message[] = [
      ...(instruction === undefined ? [] : [{ role: 'system' as const, content: instruction }]),
      ...state.messages,
    ]
    const request = { messages, tools: [], responseFormat: format, formatOptions: options, runtime }
    return { structuredResponse: await askStructured(model, request, state) }
  }

  const toTools = (state: AgentState): string | Send[] =>
    version === 'v1'
      ? 'tools'
      : pendingCalls(state.messages).map((call) => new Send('tools', { ...state, lg_tool_call: call }))
  const finish = responseFormat === undefined ? END : 'generate_structured_response'
  const entry = preModelHook === undefined ? 'agent' : 'pre_model_hook'

  // Names of nodes are put together here, so the builder is not asked to check them.
  const graph = new StateGraph(schema as never, { context: params.contextSchema }) as StateGraph<
    never,
    string
  >
  graph.addNode('tools', toolNode as never)
  if (preModelHook !== undefined) {
    graph.addNode('pre_model_hook', preModelHook as never)
    graph.addEdge('pre_model_hook', 'agent')
    const input = Annotation.Root({ ...channels, llmInputMessages: modelInput() } as never)
    graph.addNode('agent', agent as never, { input } as never)
  } else graph.addNode('agent', agent as never)
  graph.addEdge(START, entry)
  if (responseFormat !== undefined) {
    graph.addNode('generate_structured_response', structured as never)
    graph.addEdge('generate_structured_response', END)
  }

  const source = postModelHook === undefined ? 'agent' : 'post_model_hook'
  if (postModelHook !== undefined) {
    graph.addNode('post_model_hook', postModelHook as never)
    graph.addEdge('agent', 'post_model_hook')
  }
  const afterModel = ({ ...state }: AgentState): string | Send[] => {
    if (pendingCalls(state.messages).length > 0) return toTools(state)
    // A hook may have answered the calls itself: then it is the model's turn.
    const last = state.messages.at(-1)
    return postModelHook !== undefined && last !== undefined && isToolMessage(last) ? entry : finish
  }
  graph.addConditionalEdges(
    source,
    afterModel as never,
    ['tools', ...(postModelHook === undefined ? [] : [entry]), finish] as never,
  )

  const direct = new Set(
    tools
      .filter(isClientTool)
      .filter(({ returnDirect }) => returnDirect)
      .map((one) => one.name),
  )
  if (direct.size === 0) graph.addEdge('tools', entry)
  else {
    const afterTools = (state: AgentState): string => {
      const results = state.messages.slice(
        state.messages.findLastIndex((message) => !isToolMessage(message)) + 1,
      )
      return results.some((message) => direct.has(message.name ?? '')) ? END : entry
    }
    graph.addConditionalEdges('tools', afterTools as never, [entry, END] as never)
  }
  return graph.compile({
    checkpointer: params.checkpointer ?? params.checkpointSaver,
    store: params.store,
    interruptBefore: params.interruptBefore as never,
    interruptAfter: params.interruptAfter as never,
    name,
    description: params.description,
  }) as ReactAgent<State>
}

/** The prompt, also under its older names. */
function promptOf(params: CreateReactAgentParams): Prompt<AgentState> | undefined {
  const { messageModifier: older } = params
  const prompt = (params.prompt ?? params.stateModifier) as Prompt<AgentState> | undefined
  if (prompt !== undefined || older === undefined) return prompt
  if (isInvocable(older))
    return (state, runtime) => older.invoke(state.messages as never, runtime as never) as never
  return typeof older === 'function' ? (state, runtime) => older([...state.messages], runtime) : older
}

function modelInput(): unknown {
  return Annotation<Message[], Messages>({
    reducer: (_, update) => messagesStateReducer([], update),
    default: () => [],
  })
}

async function applyPrompt(
  prompt: Prompt<unknown> | undefined,
  state: AgentState,
  runtime: Runtime,
): Promise<Message[]> {
  if (prompt === undefined) return [...state.messages]
  if (typeof prompt === 'string') return [{ role: 'system', content: prompt }, ...state.messages]
  const made = isInvocable(prompt)
    ? await prompt.invoke(state as never, runtime as never)
    : typeof prompt === 'function'
      ? await prompt(state, runtime)
      : [prompt, ...state.messages]
  if (isSystemMessage(made)) return [made, ...state.messages]
  return messagesStateReducer([], made as Messages)
}

function withName(message: Message, name: string | undefined): Message {
  if (name === undefined) return message
  if (!isMessageInstance(message)) return { ...message, name }
  const instance = message as { name?: string; lc_kwargs?: Record<string, unknown> }
  instance.name = name
  if (instance.lc_kwargs !== undefined) instance.lc_kwargs['name'] = name
  return message
}

/**
 * Whether the run has steps left for the tools and for the model after them. Counted from the conversation: the rounds
 * since the user spoke, each of as many steps as a round has nodes.
 */
function hasRoom(
  messages: readonly Message[],
  runtime: Runtime,
  stepsPerRound: number,
  name: string | undefined,
): boolean {
  const since = messages.slice(messages.findLastIndex(isUserMessage) + 1)
  const rounds = since.filter(
    (message) => isAssistantMessage(message) && (name === undefined || message.name === name),
  ).length
  const limit = runtime.recursionLimit ?? DEFAULT_RECURSION_LIMIT
  return (rounds + 2) * stepsPerRound - 1 <= limit
}

function readFormat(format: unknown): {
  schema: unknown
  prompt: string | undefined
  options?: object | undefined
} {
  if (typeof format !== 'object' || format === null || isStandardSchema(format) || !('schema' in format)) {
    return { schema: format, prompt: undefined }
  }
  const { schema, prompt, ...options } = format as { schema: unknown; prompt?: string }
  return { schema, prompt, options: Object.keys(options).length === 0 ? undefined : options }
}
