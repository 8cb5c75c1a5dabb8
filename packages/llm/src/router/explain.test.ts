import { describe, expect, it } from 'vitest'
import type { ChoiceRequest, RoutedDeployment } from './choose.ts'
import { explainChoice } from './explain.ts'
import { DEFAULT_RULES, readRules } from './read-rules.ts'
import type { RouterRules } from './rules.ts'
import { candidateOf } from './testing/candidates.ts'

const request: ChoiceRequest = { stream: false, tags: [], inputTokens: () => 10 }
const world = { nowMs: 1_000, random: () => 0 }

function explained(
  candidates: readonly RoutedDeployment[],
  rules: RouterRules = DEFAULT_RULES,
): [string | undefined, string[], string | undefined] {
  const { chosen, others, refusal } = explainChoice('chat', candidates, request, rules, world)
  return [chosen?.id, others.map(({ deployment, why }) => `${deployment.id} ${why}`), refusal]
}

describe('explainChoice', () => {
  it('says of each deployment what it is', () => {
    const cooling = candidateOf('cooling')
    cooling.state.cooldown = { untilMs: 4_000, code: 'rate_limit', why: 'it is at its rate limit' }
    const later = candidateOf('later', { order: 2 })
    const [a, b] = [candidateOf('a', { order: 1 }), candidateOf('b', { order: 1 })]
    const { chosen, others, strategy } = explainChoice(
      'chat',
      [cooling, later, a, b],
      request,
      DEFAULT_RULES,
      world,
    )
    expect([chosen?.id, strategy]).toEqual(['a', 'simple-shuffle'])
    expect(others).toEqual([
      { deployment: cooling, why: 'cooling_down', detail: 'it is at its rate limit; 3 s to go' },
      { deployment: later, why: 'later_order', detail: undefined },
      { deployment: b, why: 'not_picked', detail: 'simple-shuffle' },
    ])
  })

  it('uses the strategy of the group', () => {
    const rules = readRules({
      routing_groups: [{ group_name: 'g', models: ['chat'], routing_strategy: 'cost-based-routing' }],
    })
    const dear = candidateOf('dear', { tokenPrice: () => 2n })
    const cheap = candidateOf('cheap', { tokenPrice: () => 1n })
    expect(explained([dear, cheap], rules)).toEqual(['cheap', ['dear not_picked'], undefined])
  })

  it('says what a client hears where nobody is left, and leaves no trace', () => {
    const cooling = candidateOf('a')
    cooling.state.cooldown = { untilMs: 4_000, code: 'rate_limit', why: 'why' }
    const [chosen, others, refusal] = explained([cooling])
    expect([chosen, others]).toEqual([undefined, ['a cooling_down']])
    expect(refusal).toMatch(/Try again in 3 seconds/)
    expect(cooling.state).toMatchObject({ inFlight: 0, cooldown: { untilMs: 4_000 } })
  })
})
