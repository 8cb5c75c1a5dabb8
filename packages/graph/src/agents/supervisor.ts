import { START } from '../constants.ts'
import { StateGraph } from '../graph/builder.ts'
import type { Runtime } from '../node/runtime.ts'
import type { StateInit } from '../state/definition.ts'
import type { Message } from '../state/message.ts'
import type { ToolLike } from '../tools/accept.ts'
import { checkAgentNames } from './agents.ts'
import type { NamedAgent } from './agents.ts'
import { createHandoffBackMessages, createSupervisorHandoffTool } from './handoff.ts'
import { createReactAgent, createReactAgentAnnotation } from './react-agent.ts'
import type { CreateReactAgentParams } from './react-agent.ts'

/** What of an agent's work the supervisor sees: everything it said and did, or its last message. */
export type OutputMode = 'full_history' | 'last_message'

export interface CreateSupervisorParams extends Pick<
  CreateReactAgentParams,
  'llm' | 'responseFormat' | 'includeAgentName' | 'preModelHook' | 'postModelHook'
> {
  readonly agents: readonly NamedAgent[]
  /** Tools of the supervisor's own, beside those by which it hands over. */
  readonly tools?: readonly ToolLike[] | undefined
  readonly prompt?: CreateReactAgentParams['prompt'] | undefined
  readonly stateSchema?: StateInit | undefined
  readonly contextSchema?: object | undefined
  readonly outputMode?: OutputMode | undefined
  /** Whether a pair of messages says that an agent is done. Default: yes. */
  readonly addHandoffBackMessages?: boolean | undefined
  readonly supervisorName?: string | undefined
}

/** A builder whose nodes are named by those who use it. */
export type MultiAgentGraph = StateGraph<StateInit, string>

/**
 * An agent whose tools are other agents: it hands the conversation to one, sees what it did, and goes on. Compile what
 * is returned; with a name, it can be an agent of another supervisor.
 *
 * @example
 * const team = createSupervisor({ agents: [researcher, writer], llm: 'openai/gpt-5' }).compile({ name: 'team' })
 */
export function createSupervisor(params: CreateSupervisorParams): MultiAgentGraph {
  const {
    agents,
    supervisorName = 'supervisor',
    outputMode = 'last_message',
    addHandoffBackMessages = true,
  } = params
  if (outputMode !== 'full_history' && outputMode !== 'last_message') {
    throw new TypeError(
      `createSupervisor: the outputMode "${String(outputMode)}" is neither full_history nor last_message.`,
    )
  }
  const names = checkAgentNames(agents)
  const handoffs = agents.map(({ name, description }) =>
    createSupervisorHandoffTool({ agentName: name, agentDescription: description }),
  )
  const schema = params.stateSchema ?? (createReactAgentAnnotation() as StateInit)
  const supervisor = createReactAgent({
    name: supervisorName,
    llm: params.llm as never,
    tools: [...(params.tools ?? []), ...handoffs],
    prompt: params.prompt as never,
    responseFormat: params.responseFormat,
    stateSchema: schema,
    preModelHook: params.preModelHook as never,
    postModelHook: params.postModelHook as never,
    includeAgentName: params.includeAgentName,
    // Two agents cannot have the conversation at once.
    parallelToolCalls: false,
  })
  const builder = new StateGraph(schema as never, { context: params.contextSchema }) as StateGraph<
    never,
    string
  >
  builder.addNode(supervisorName, supervisor as never, { ends: names } as never)
  builder.addEdge(START, supervisorName)
  for (const agent of agents) {
    const call = async (state: Record<string, unknown>, runtime: Runtime): Promise<unknown> => {
      const output = (await agent.invoke(state as never, runtime as never)) as {
        messages: readonly Message[]
      }
      const said = outputMode === 'last_message' ? output.messages.slice(-1) : output.messages
      const back = addHandoffBackMessages ? createHandoffBackMessages(agent.name, supervisorName) : []
      return { ...output, messages: [...said, ...back] }
    }
    builder.addNode(agent.name, call as never, { subgraphs: [agent] } as never)
    builder.addEdge(agent.name, supervisorName)
  }
  return builder as MultiAgentGraph
}
