import { describe, expect, test } from 'vitest'
import type { Capability, ModelInfo } from '../types/model.ts'
import { candidateOf } from './testing/candidates.ts'
import { CHOICE } from './testing/run.ts'
import { choose } from './choose.ts'
import type { ChoiceRequest, ChoiceRules, RoutedDeployment } from './choose.ts'
import { DEFAULT_RULES, readRules } from './read-rules.ts'
import type { RouterOptions } from './options.ts'
import { nobodyAvailable } from './unavailable.ts'

const WORLD = { nowMs: 0, random: () => 0 }

function info(maxInputTokens?: number, ...capabilities: Capability[]): () => ModelInfo {
  return () => ({
    provider: 'example',
    model: 'm',
    mode: 'chat',
    maxInputTokens,
    capabilities: new Set(capabilities),
  })
}

/** Who is chosen, and why each other one was not. */
function chosen(
  candidates: readonly RoutedDeployment[],
  request: Partial<ChoiceRequest> = {},
  options: RouterOptions = {},
  tried: readonly RoutedDeployment[] = [],
): Record<string, string> {
  const found: Record<string, string> = {}
  const rules: ChoiceRules = readRules(options).choice
  const picked = choose(
    candidates,
    { ...CHOICE, ...request },
    rules,
    WORLD,
    ({ id }, why, detail) => (found[id] = detail === undefined ? why : `${why}: ${detail}`),
    tried,
  )
  const silently = choose(candidates, { ...CHOICE, ...request }, rules, WORLD, undefined, tried)
  expect(silently?.id).toBe(picked?.id)
  if (picked !== undefined) found[picked.id] = 'chosen'
  return found
}

function cooling(id: string): RoutedDeployment {
  const candidate = candidateOf(id)
  candidate.state.cooldown = { untilMs: 4_500, code: 'internal', why: 'most requests failed' }
  return candidate
}

function unhealthy(id: string): RoutedDeployment {
  const candidate = candidateOf(id)
  candidate.state.unhealthy = 'no answer to a health check'
  return candidate
}

function used(id: string, requests: number, more: Partial<RoutedDeployment>): RoutedDeployment {
  const candidate = candidateOf(id, more)
  for (let request = 0; request < requests; request++) candidate.state.begin(0)
  return candidate
}

describe('who is left out, and why', () => {
  const a = candidateOf('a')
  test.each<[string, Record<string, string>, Record<string, string>]>([
    [
      'another team’s',
      chosen([candidateOf('x', { teamId: 't-1' }), a], { teamId: 't-2' }),
      { x: 'other_team', a: 'chosen' },
    ],
    [
      'one’s own team’s is not',
      chosen([candidateOf('x', { teamId: 't-1' })], { teamId: 't-1' }),
      { x: 'chosen' },
    ],
    ['who was tried', chosen([a, candidateOf('b')], {}, {}, [a]), { a: 'tried_before', b: 'chosen' }],
    [
      'who cools down',
      chosen([cooling('x'), a]),
      { x: 'cooling_down: most requests failed; 5 s to go', a: 'chosen' },
    ],
    [
      'who is unhealthy',
      chosen([unhealthy('x'), a]),
      { x: 'unhealthy: no answer to a health check', a: 'chosen' },
    ],
    [
      'whose window is too small',
      chosen([candidateOf('x', { info: info(1_000) }), a], {
        inputTokens: () => 9_000,
        maxInputTokens: 40_000,
      }),
      { x: 'window_too_small: about 9000 tokens, 1000 fit', a: 'chosen' },
    ],
    [
      'nobody for a small request',
      chosen([candidateOf('x', { info: info(10) })], { maxInputTokens: 4_000 }),
      { x: 'chosen' },
    ],
    [
      'who cannot see, where that is checked',
      chosen(
        [candidateOf('x', { info: info(undefined, 'function_calling') }), a],
        { needs: () => ['vision'] },
        { enable_pre_call_checks: true },
      ),
      { x: 'lacks_capability: vision', a: 'chosen' },
    ],
    [
      'who cannot see, but nobody asks',
      chosen([candidateOf('x', { info: info(undefined, 'tool_choice') })], { needs: () => ['vision'] }),
      { x: 'chosen' },
    ],
    [
      'who is in another region',
      chosen(
        [candidateOf('x', { region: 'us-east-1' }), candidateOf('y', { region: 'eu-west-1' })],
        { region: 'EU' },
        { enable_pre_call_check: true },
      ),
      { x: 'other_region: us-east-1', y: 'chosen' },
    ],
    [
      'who has used up its rpm',
      chosen([used('x', 2, { rpm: 2 }), a], {}, { enable_pre_call_checks: true }),
      { x: 'no_room', a: 'chosen' },
    ],
    [
      'whose tpm is too small',
      chosen([candidateOf('x', { tpm: 9 }), a], {}, { enable_pre_call_checks: true }),
      { x: 'no_room', a: 'chosen' },
    ],
    [
      'who has enough under way',
      chosen([used('x', 1, { maxParallelRequests: 1 }), a]),
      { x: 'busy', a: 'chosen' },
    ],
    [
      'who has enough under way by default',
      chosen([used('x', 3, {}), a], {}, { default_max_parallel_requests: 3 }),
      { x: 'busy', a: 'chosen' },
    ],
    [
      'who comes later',
      chosen([candidateOf('x', { order: 2 }), candidateOf('y', { order: 1 }), a]),
      { x: 'later_order', a: 'later_order', y: 'chosen' },
    ],
    [
      'whoever the strategy does not pick',
      chosen([a, candidateOf('b')]),
      { a: 'chosen', b: 'not_picked: simple-shuffle' },
    ],
    [
      'all, where each is at its limit',
      chosen(
        [used('x', 2, { rpm: 2 }), used('y', 2, { rpm: 2 })],
        {},
        { routing_strategy: 'least-busy', enable_pre_call_checks: true },
      ),
      { x: 'no_room', y: 'no_room' },
    ],
    [
      'the only one at its limit, where the strategy minds',
      chosen([used('x', 2, { rpm: 2 })], {}, { routing_strategy: 'usage-based-routing-v2' }),
      { x: 'no_room: usage-based-routing-v2' },
    ],
  ])('%s', (_name, found, expected) => {
    expect(found).toEqual(expected)
  })
})

describe('tags', () => {
  const free = candidateOf('free', { tags: ['free'] })
  const paid = candidateOf('paid', { tags: ['paid', 'eu'] })
  const rest = candidateOf('rest', { tags: ['default'] })
  const plain = candidateOf('plain')
  const cli = candidateOf('cli', { tagPatterns: [/^User-Agent: claude-cli\//] })
  const on = { enable_tag_filtering: true }
  const idsOf = (found: Record<string, string>): string[] =>
    Object.keys(found)
      .filter((id) => found[id] !== 'other_tags')
      .toSorted()

  test.each<[string, readonly RoutedDeployment[], Partial<ChoiceRequest>, RouterOptions, string[]]>([
    ['say nothing while they are off', [free, paid], { tags: ['free'] }, {}, ['free', 'paid']],
    ['in common', [free, paid, rest], { tags: ['free'] }, on, ['free']],
    ['any of several', [free, paid], { tags: ['eu', 'free'] }, on, ['free', 'paid']],
    [
      'all of several',
      [free, paid],
      { tags: ['eu', 'paid'] },
      { ...on, tag_filtering_match_any: false },
      ['paid'],
    ],
    ['that nobody has: the default', [free, rest], { tags: ['other'] }, on, ['rest']],
    ['that nobody has, without a default', [free, paid], { tags: ['other'] }, on, []],
    ['none: the default', [free, rest], {}, on, ['rest']],
    ['none, without a default: all', [free, plain], {}, on, ['free', 'plain']],
    ['of the client’s program', [free, cli, plain], { about: ['User-Agent: claude-cli/2.1'] }, on, ['cli']],
    ['of another program', [cli, plain], { about: ['User-Agent: curl/8'] }, on, ['plain']],
  ])('%s', (_name, candidates, request, options, expected) => {
    expect(idsOf(chosen(candidates, request, options))).toEqual(expected)
  })
})

describe('when nobody is left, the failure says why', () => {
  const failure = (
    candidates: readonly RoutedDeployment[],
    request: Partial<ChoiceRequest> = {},
    options: RouterOptions = {},
  ) => {
    const { code, status, reason, retryable } = nobodyAvailable(
      'g',
      candidates,
      { ...CHOICE, ...request },
      readRules(options).choice,
      WORLD,
    )
    return [code, status, reason, retryable]
  }

  test.each<[string, unknown[], unknown[]]>([
    ['nobody is there', failure([]), ['service_unavailable', 503, 'no_deployment_available', true]],
    ['all cool down', failure([cooling('x')]), ['rate_limit', 429, 'no_deployment_available', true]],
    [
      'all are unhealthy',
      failure([unhealthy('x')]),
      ['service_unavailable', 503, 'no_deployment_available', true],
    ],
    [
      'it is too long',
      failure([candidateOf('x', { info: info(5_000) })], { inputTokens: () => 90_000 }),
      ['context_window_exceeded', 400, 'context_length_exceeded', false],
    ],
    [
      'its tags lead nowhere',
      failure([candidateOf('x', { tags: ['paid'] })], { tags: ['free'] }, { enable_tag_filtering: true }),
      ['bad_request', 401, 'tags_not_served', false],
    ],
    [
      'all are busy',
      failure([used('x', 1, { maxParallelRequests: 1 })]),
      ['rate_limit', 429, 'deployments_at_limit', true],
    ],
    [
      'none can do it',
      failure(
        [candidateOf('x', { info: info(undefined, 'vision') })],
        { needs: () => ['audio_input'] },
        { enable_pre_call_checks: true },
      ),
      ['bad_request', 400, 'capability_missing', false],
    ],
  ])('%s', (_name, found, expected) => {
    expect(found).toEqual(expected)
  })
})

test('choosing the only one that is well makes nothing', () => {
  const candidates = [candidateOf('a')]
  const inputTokens = (): number => {
    throw new Error('nobody needs to count')
  }
  expect(choose(candidates, { ...CHOICE, inputTokens }, DEFAULT_RULES.choice, WORLD)).toBe(candidates[0])
})

describe('the deployment to stay with', () => {
  const stay = (preferred: readonly string[], more: Partial<RoutedDeployment> = {}): string | undefined =>
    choose(
      [candidateOf('a', { order: 1 }), candidateOf('b', { order: 2, ...more })],
      { ...CHOICE, preferred: () => preferred },
      DEFAULT_RULES.choice,
      WORLD,
    )?.id

  test.each<[string, string[], Partial<RoutedDeployment>, string]>([
    ['is asked, whatever its order', ['b'], {}, 'b'],
    ['the first that is left', ['gone', 'b', 'a'], {}, 'b'],
    ['not when something stands against it', ['b'], { maxParallelRequests: 0 }, 'a'],
  ])('%s', (_name, preferred, more, expected) => {
    expect(stay(preferred, more)).toBe(expected)
  })
})

test('a budget that is used up is the reason, and what the client hears', () => {
  const request = {
    ...CHOICE,
    overBudget: ({ id }: RoutedDeployment) => (id === 'a' ? 'all of 1 USD' : undefined),
  }
  const notes: unknown[] = []
  const candidates = [candidateOf('a'), candidateOf('b')]
  const chosen = choose(candidates, request, DEFAULT_RULES.choice, WORLD, ({ id }, why, detail) =>
    notes.push([id, why, detail]),
  )
  expect([chosen?.id, notes]).toEqual(['b', [['a', 'over_budget', 'all of 1 USD']]])
  expect(nobodyAvailable('gpt', candidates.slice(0, 1), request, DEFAULT_RULES.choice, WORLD)).toMatchObject({
    code: 'rate_limit',
    reason: 'deployments_over_budget',
    message: expect.stringContaining('a: all of 1 USD') as string,
  })
})

test('enforce_model_rate_limits asks nobody beyond its limits', () => {
  const rules = readRules({ optional_pre_call_checks: ['enforce_model_rate_limits'] }).choice
  const candidates = [candidateOf('a', { rpm: 0 })]
  expect(choose(candidates, CHOICE, DEFAULT_RULES.choice, WORLD)?.id).toBe('a')
  expect(choose(candidates, CHOICE, rules, WORLD)).toBeUndefined()
  expect(nobodyAvailable('g', candidates, CHOICE, rules, { ...WORLD, nowMs: 45_000 })).toMatchObject({
    reason: 'deployments_at_limit',
    retryAfterMs: 15_000,
    message: expect.stringContaining('Try again in 15 seconds') as string,
  })
})
