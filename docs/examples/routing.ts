import assert from 'node:assert/strict'
import {
  createDeploymentStates,
  createError,
  createRouterEngine,
  readRules,
  route,
} from '@switchyard/llm/kit'
import type { RouteRequest, RoutedDeployment } from '@switchyard/llm/kit'

const states = createDeploymentStates()
const engine = createRouterEngine({ nowMs: () => performance.now(), random: Math.random })
const deployment = (id: string): RoutedDeployment => ({ id, state: states.of(id) })
const spare = deployment('spare')
const asked: string[] = []
const request: RouteRequest<RoutedDeployment> = {
  model: 'chat',
  candidates: [deployment('east'), deployment('west')],
  choice: { stream: false, tags: [], inputTokens: () => 12 },
  rules: readRules({ num_retries: 1, fallbacks: [{ chat: ['spare'] }] }),
}

// #region fallback
const answer = await route(engine, request, {
  ask: ({ id }) => {
    asked.push(id)
    if (id === 'spare') return 'Hello from the spare model'
    throw createError({ code: 'overloaded', message: `${id} is overloaded`, provider: 'example' })
  },
  enter: ({ model }) => ({ candidates: model === 'spare' ? [spare] : [] }),
  sleep: () => Promise.resolve(),
  leftMs: () => 30_000,
  isOver: () => false,
})
// #endregion

assert.equal(answer, 'Hello from the spare model')
assert.deepEqual(asked.slice(0, 2).toSorted(), ['east', 'west'])
assert.equal(asked[2], 'spare')
