import fc from 'fast-check'
import type { Story } from './interpreter.ts'
import { interpret } from './interpreter.ts'
import { describePlan, graphPlans, mapNodes, withoutMemory, withoutQuestions } from './make-plans.ts'
import type { GraphPlan } from './plan.ts'
import { INPUT, LIMIT } from './run-plan.ts'
import type { Action, ThreadStory } from './thread-script.ts'
import { actions, interpretThread } from './thread-script.ts'

/** A plan with how it goes. A failure shows what the plan says, and nothing that follows from it. */
export interface Case {
  readonly plan: GraphPlan
  readonly story: Story
}

/** A plan, what is done with a thread of its graph, and what becomes of that. */
export interface ThreadCase {
  readonly plan: GraphPlan
  readonly actions: readonly Action[]
  readonly story: ThreadStory
}

const shown = (...parts: unknown[]): object => ({
  [fc.toStringMethod]: () => parts.map((part) => JSON.stringify(part)).join('\n'),
})

const toCase = (plan: GraphPlan): Case => ({
  plan,
  story: interpret(plan, INPUT, LIMIT),
  ...shown(describePlan(plan)),
})

/** Plans that say how they end. */
const clear = graphPlans.map(toCase).filter(({ story }) => story.end !== 'unclear')

/** Plans that ask nothing: one run is all. */
export const silentCases: fc.Arbitrary<Case> = clear.map(({ plan }) =>
  toCase(mapNodes(plan, withoutQuestions)),
)

/** A run that stops for good asks for more steps each time it goes on: such graphs are left out. */
export const endingCases: fc.Arbitrary<Case> = clear.filter(({ story }) => story.end !== 'limit')

const threadsOf = (plans: fc.Arbitrary<GraphPlan>): fc.Arbitrary<ThreadCase> =>
  fc
    .tuple(plans, actions)
    .map(([plan, todo]) => ({
      plan,
      actions: todo,
      story: interpretThread(plan, todo),
      ...shown(describePlan(plan), todo),
    }))
    .filter(({ story }) => story.isClear)

/** A run that paused has forgotten how far it went back: here graphs within remember single visits only. */
export const threadCases: fc.Arbitrary<ThreadCase> = threadsOf(
  endingCases.map(({ plan }) => mapNodes(plan, withoutMemory)),
)

/** Nobody asks anything, and graphs within may remember all visits. */
export const silentThreadCases: fc.Arbitrary<ThreadCase> = threadsOf(
  endingCases.map(({ plan }) => mapNodes(plan, withoutQuestions)),
)
