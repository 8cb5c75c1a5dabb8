import type { BinaryOperatorAggregate, LastValue } from '../channels/index.ts'
import { START } from '../constants.ts'
import { StateGraph } from '../graph/builder.ts'
import { Annotation } from '../state/annotation.ts'
import type { AnnotationRoot } from '../state/annotation.ts'
import { toStateSpec } from '../state/definition.ts'
import type { StateInit } from '../state/definition.ts'
import type { Message } from '../state/message.ts'
import type { Messages } from '../state/messages.ts'
import { MessagesAnnotation } from '../state/prebuilt.ts'
import { checkAgentNames } from './agents.ts'
import type { NamedAgent } from './agents.ts'
import { handoffDestinations } from './handoff.ts'
import type { MultiAgentGraph } from './supervisor.ts'

/** The state of a swarm: the conversation, and who has it. */
export const SwarmState: AnnotationRoot<{
  messages: BinaryOperatorAggregate<Message[], Messages>
  activeAgent: LastValue<string>
}> = Annotation.Root({ ...MessagesAnnotation.spec, activeAgent: Annotation<string> }) as never

export interface CreateSwarmParams {
  readonly agents: readonly NamedAgent[]
  /** Who begins. */
  readonly defaultActiveAgent: string
  /** The state, when it has more than `SwarmState`. */
  readonly stateSchema?: StateInit | undefined
}

/**
 * Lets a graph begin with the agent that has the conversation.
 *
 * @throws {TypeError} when the default agent is none of those that can be led to
 */
export function addActiveAgentRouter<Builder extends { addConditionalEdges: (...args: never[]) => unknown }>(
  builder: Builder,
  options: { readonly routeTo: readonly string[]; readonly defaultActiveAgent: string },
): Builder {
  const { routeTo, defaultActiveAgent } = options
  if (!routeTo.includes(defaultActiveAgent)) {
    throw new TypeError(
      `Default active agent '${defaultActiveAgent}' not found in routes ${routeTo.join(', ')}`,
    )
  }
  const activeAgent = (state: { activeAgent?: string }): string => state.activeAgent || defaultActiveAgent
  builder.addConditionalEdges(START as never, activeAgent as never, [...routeTo] as never)
  return builder
}

/**
 * Agents that hand the conversation to one another by `createHandoffTool`. Whoever has it keeps it, into the next turn.
 *
 * @example
 * const swarm = createSwarm({ agents: [flights, hotels], defaultActiveAgent: 'flights' })
 * const app = swarm.compile({ checkpointer: new MemorySaver() })
 */
export function createSwarm(params: CreateSwarmParams): MultiAgentGraph {
  const { agents, defaultActiveAgent, stateSchema = SwarmState as StateInit } = params
  if (!('activeAgent' in toStateSpec(stateSchema).channels)) {
    throw new TypeError("Missing required key 'activeAgent' in stateSchema")
  }
  const names = checkAgentNames(agents)
  const builder = new StateGraph(stateSchema as never) as StateGraph<never, string>
  addActiveAgentRouter(builder, { routeTo: names, defaultActiveAgent })
  for (const agent of agents) {
    const ends = handoffDestinations(agent)
    builder.addNode(agent.name, agent as never, { ends, subgraphs: [agent] } as never)
  }
  return builder as MultiAgentGraph
}
