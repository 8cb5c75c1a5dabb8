import type { RoutedDeployment } from '../choose.ts'
import { DeploymentState } from '../state.ts'
import type { PickContext } from '../strategy.ts'

/** A deployment that nobody has asked yet. */
export function candidateOf(id: string, more: Partial<RoutedDeployment> = {}): RoutedDeployment {
  return { id, state: new DeploymentState(id), ...more }
}

export function contextOf(more: Partial<PickContext> = {}): PickContext {
  return { nowMs: 0, random: () => 0, stream: false, inputTokens: () => 0, args: {}, ...more }
}

/** Numbers from 0 up to 1 that are the same in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
