import type { Checkpointer } from '../checkpoint/checkpointer.ts'
import type { ForeignSaver } from '../checkpoint/from-langgraph.ts'
import { END, START } from '../constants.ts'
import { StateGraph } from '../graph/builder.ts'
import type { CompiledStateGraph } from '../graph/compiled.ts'
import type { Runtime } from '../node/runtime.ts'
import { Annotation } from '../state/annotation.ts'
import { textOf } from '../state/message.ts'
import type { Message } from '../state/message.ts'
import type { BaseStore } from '../store/store.ts'
import type { ToolLike } from '../tools/accept.ts'
import { askStructured } from './model.ts'
import type { ModelLike } from './model.ts'
import { createReactAgent } from './react-agent.ts'

/** A step that was done, and what came of it. */
export interface PastStep {
  readonly step: string
  readonly result: string
}

/** The state of a planner. */
export interface PlanState {
  /** What is to be achieved. */
  objective: string
  /** What is still to do. */
  plan: string[]
  pastSteps: PastStep[]
  /** The answer, once there is one. */
  response: string
}

export interface CreatePlanAndExecuteParams {
  /** Plans, and plans anew after each step. */
  readonly llm: ModelLike
  /** Does the steps; the planner's model when absent. */
  readonly executor?: ModelLike | undefined
  readonly tools: readonly ToolLike[]
  readonly checkpointer?: Checkpointer | ForeignSaver | undefined
  readonly store?: BaseStore | undefined
  /** Steps after which the answer is made of what there is. Default: 10. */
  readonly maxSteps?: number | undefined
  readonly name?: string | undefined
}

const PLAN_SCHEMA = {
  type: 'object',
  properties: { steps: { type: 'array', items: { type: 'string' }, description: 'What to do, in order.' } },
  required: ['steps'],
  additionalProperties: false,
}

const REPLAN_SCHEMA = {
  type: 'object',
  properties: {
    response: { type: 'string', description: 'The answer, when no step is left; else empty.' },
    steps: { type: 'array', items: { type: 'string' }, description: 'What is still to do, in order.' },
  },
  required: ['response', 'steps'],
  additionalProperties: false,
}

const PLAN_PROMPT =
  'Make a plan of simple steps for the objective. Each step must be done by itself; leave out superfluous ones. ' +
  'The result of the last step is the answer.'
const REPLAN_PROMPT =
  'Look at what was done. When the objective is reached, give the response and no steps. Else give only the steps that are still needed.'

/**
 * An agent that plans first, does one step at a time with its tools, and plans anew after each.
 *
 * @example
 * const planner = createPlanAndExecute({ llm: 'openai/gpt-5', tools: [search] })
 * const { response } = await planner.invoke({ objective: 'Who won, and how old are they?' })
 */
export function createPlanAndExecute(
  params: CreatePlanAndExecuteParams,
): CompiledStateGraph<PlanState, { objective: string }, string> {
  const { llm, executor = llm, tools, maxSteps = 10 } = params
  const worker = createReactAgent({ llm: executor as never, tools })
  const State = Annotation.Root({
    objective: Annotation<string>,
    plan: Annotation<string[]>,
    pastSteps: Annotation<PastStep[]>({ reducer: (left, right) => [...left, ...right], default: () => [] }),
    response: Annotation<string>,
  })

  async function ask(
    schema: object,
    prompt: string,
    content: string,
    state: unknown,
    runtime: Runtime,
  ): Promise<unknown> {
    const messages: Message[] = [
      { role: 'system', content: prompt },
      { role: 'user', content },
    ]
    return askStructured(llm, { messages, tools: [], responseFormat: schema, runtime }, state)
  }

  async function plan(state: PlanState, runtime: Runtime): Promise<Partial<PlanState>> {
    const { steps } = (await ask(PLAN_SCHEMA, PLAN_PROMPT, state.objective, state, runtime)) as {
      steps: string[]
    }
    return { plan: steps }
  }

  async function execute(state: PlanState, runtime: Runtime): Promise<Partial<PlanState>> {
    const [step = state.objective, ...rest] = state.plan
    const content = `${told(state)}\n\nDo this step: ${step}`
    const { messages } = await worker.invoke({ messages: [{ role: 'user', content }] }, runtime as never)
    return { pastSteps: [{ step, result: textOf(messages.at(-1) ?? {}) }], plan: rest }
  }

  async function replan(state: PlanState, runtime: Runtime): Promise<Partial<PlanState>> {
    const last = state.pastSteps.at(-1)?.result ?? ''
    if (state.pastSteps.length >= maxSteps) return { response: last, plan: [] }
    const content = `${told(state)}\n\nPlanned next:\n${state.plan.join('\n') || 'nothing'}`
    const answer = (await ask(REPLAN_SCHEMA, REPLAN_PROMPT, content, state, runtime)) as {
      response: string
      steps: string[]
    }
    if (answer.response !== '' || answer.steps.length === 0)
      return { response: answer.response || last, plan: [] }
    return { plan: answer.steps }
  }

  return new StateGraph(State)
    .addNode('planner', plan as never)
    .addNode('execute', execute as never)
    .addNode('replan', replan as never)
    .addEdge(START, 'planner')
    .addEdge('planner', 'execute')
    .addEdge('execute', 'replan')
    .addConditionalEdges('replan', ({ plan }) => (plan.length === 0 ? END : 'execute'), ['execute', END])
    .compile({
      checkpointer: params.checkpointer,
      store: params.store,
      name: params.name,
    }) as CompiledStateGraph<PlanState, { objective: string }, string>
}

function told({ objective, pastSteps }: PlanState): string {
  const done = pastSteps.map(({ step, result }) => `- ${step}\n  ${result}`).join('\n')
  return `Objective: ${objective}\n\nDone so far:\n${done || 'nothing'}`
}
