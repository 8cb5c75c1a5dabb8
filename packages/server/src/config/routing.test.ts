import { readRules } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { loadConfig } from './load.ts'
import type { LoadResult } from './load.ts'
import { renderFinding } from './render-findings.ts'

const MODELS =
  'model_list: [{model_name: a, litellm_params: {model: openai/a}}, {model_name: b, litellm_params: {model: openai/b}}]\n'

function load(text: string): Promise<LoadResult> {
  return loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(MODELS + text), env: {} })
}

async function findings(text: string): Promise<string[]> {
  return (await load(text)).findings.map((finding) => renderFinding(finding).replace('config.yaml:', ''))
}

async function configOf(text: string): Promise<Extract<LoadResult, { ok: true }>['config']> {
  const loaded = await load(text)
  if (!loaded.ok) throw new Error(loaded.findings.map(renderFinding).join('\n'))
  return loaded.config
}

describe('what is wrong with routing is told where it stands', () => {
  test.each<[string, string, string[]]>([
    [
      'fallbacks as the tutorials write them',
      "router_settings: {fallbacks: [{a: ['b']}], retry_policy: {RateLimitError: 3, ContentPolicyViolationError: 0}}",
      [],
    ],
    [
      'the same beside LiteLLM’s other settings',
      "litellm_settings: {fallbacks: [{a: ['b']}], default_fallbacks: [b], allowed_fails: 3}",
      [],
    ],
    [
      'a group that falls back to itself',
      'router_settings: {fallbacks: [{a: [a]}]}',
      [
        '2:19 error router_settings.fallbacks: a falls back to itself — name another model group, or leave it out',
      ],
    ],
    [
      'an auto group that cannot be',
      'router_settings: {auto_groups: {auto: [{model: a, when: {needs: [wings]}}]}}',
      [expect.stringMatching(/^2:19 error router_settings\.auto_groups: .*auto\[0\]\.when\.needs.*tools/)],
    ],
    [
      'an auto group with the name of a model, and one that leads nowhere',
      'router_settings: {auto_groups: {a: [{model: b}], auto: [{model: c}]}}',
      [
        expect.stringMatching(/error router_settings\.auto_groups\.a: is a model of model_list, too/),
        expect.stringMatching(/warning router_settings\.auto_groups: names c, which is not in model_list/),
      ],
    ],
    [
      'a word that mid_stream_fallback does not know',
      'router_settings: {mid_stream_fallback: maybe}',
      [expect.stringMatching(/error router_settings\.mid_stream_fallback: expected continue or error/)],
    ],
    [
      'a circle',
      'router_settings: {fallbacks: [{a: [b]}, {b: [a]}]}',
      [
        '2:19 info router_settings.fallbacks: leads in a circle (a → b → a); no request asks a group twice, so it ends there',
      ],
    ],
    [
      'a fallback that nobody serves',
      'router_settings: {fallbacks: [{a: [bb]}]}',
      ['2:19 warning router_settings.fallbacks: names bb, which is not in model_list — did you mean b?'],
    ],
    [
      'a class that there is not',
      'router_settings: {retry_policy: {SlowErrorRetries: 1}}',
      [
        '2:34 error router_settings.retry_policy.SlowErrorRetries: is not the name of an error class — write RateLimitErrorRetries, TimeoutErrorRetries or another one of docs/routing.md',
      ],
    ],
    [
      'a strategy that nobody knows',
      'router_settings: {routing_strategy: fastest}',
      [
        '2:19 error router_settings.routing_strategy: expected one of simple-shuffle, least-busy, usage-based-routing, usage-based-routing-v2, latency-based-routing, cost-based-routing, provider-budget-routing, or a file and its export, as ./router.ts:quickest',
      ],
    ],
    [
      'settings that wait for their feature',
      'router_settings: {polling_interval: 1}',
      ['2:19 info router_settings.polling_interval: is accepted, but not active yet'],
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await findings(text)).toEqual(expected)
  })
})

test('router_settings win over litellm_settings', async () => {
  const { routing } = await configOf(
    'litellm_settings: {num_retries: 7, allowed_fails: 4, fallbacks: [{a: [b]}]}\nrouter_settings: {num_retries: 1, cooldown_time: 30}',
  )
  const rules = readRules(routing.options)
  expect(rules.retries.numRetries).toBe(1)
  expect(rules.cooldowns).toMatchObject({ allowedFails: 4, cooldownMs: 30_000 })
  expect(rules.fallbacks.general.get('a')).toEqual([{ model: 'b' }])
})

test('deployments have settings of their own, and the defaults of all', async () => {
  const { deployments } = await loadOne(`
model_list:
  - model_name: a
    litellm_params: {model: openai/a, tags: [free], tag_regex: '^User-Agent: curl', cooldown_time: 0, ttft_timeout: 2, stream_idle_timeout: 9, max_parallel_requests: 3, temperature: 1}
    model_info: {allowed_fails: 2, allowed_fails_policy: {TimeoutError: 0}}
router_settings: {default_litellm_params: {temperature: 0.5, top_p: 0.9, timeout: 30}}`)
  expect(deployments[0]).toMatchObject({
    tags: ['free'],
    tagPatterns: ['^User-Agent: curl'],
    cooldownMs: 0,
    maxParallelRequests: 3,
    allowedFails: 2,
    allowedFailsPolicy: { TimeoutError: 0 },
    timeouts: { timeoutMs: 30_000, firstTokenMs: 2_000, streamIdleMs: 9_000 },
    params: { temperature: 1, top_p: 0.9 },
  })
})

test('a silent model is one name or several, and one that there is not is told', async () => {
  const text = `model_list:
  - {model_name: a, litellm_params: {model: openai/a, silent_model: b}}
  - {model_name: b, litellm_params: {model: openai/b, silent_model: [a, aa]}}`
  const { deployments } = await loadOne(text)
  expect(deployments.map(({ silentModels }) => silentModels)).toEqual([['b'], ['a', 'aa']])
  const { findings: found } = await loadConfig({
    path: 'config.yaml',
    readFile: () => Promise.resolve(text),
    env: {},
  })
  expect(found.map(renderFinding)).toEqual([
    'config.yaml:3:55 warning model_list[1].litellm_params.silent_model: names aa, which is not in model_list — did you mean a?',
  ])
})

async function loadOne(text: string): Promise<Extract<LoadResult, { ok: true }>['config']> {
  const loaded = await loadConfig({ path: 'config.yaml', readFile: () => Promise.resolve(text), env: {} })
  if (!loaded.ok) throw new Error(loaded.findings.map(renderFinding).join('\n'))
  return loaded.config
}

test('a strategy of one’s own is a file beside the configuration', async () => {
  const { routing } = await configOf('router_settings: {routing_strategy: ./mine.ts:quickest}')
  expect(Object.keys(routing.strategyFiles)).toEqual(['./mine.ts:quickest'])
  expect(routing.strategyFiles['./mine.ts:quickest']).toMatchObject({ name: 'quickest' })
})

test('health checks are looked for in both sections', async () => {
  expect((await configOf('')).health).toEqual({
    background: false,
    intervalMs: 300_000,
    concurrency: 8,
    routes: false,
    staleMs: undefined,
    ignoresTransient: false,
  })
  const written = await configOf(
    'general_settings: {background_health_checks: true, health_check_interval: 30, health_check_concurrency: 2}\n' +
      'router_settings: {enable_health_check_routing: true, health_check_staleness_threshold: 90, health_check_ignore_transient_errors: true}',
  )
  expect(written.health).toEqual({
    background: true,
    intervalMs: 30_000,
    concurrency: 2,
    routes: true,
    staleMs: 90_000,
    ignoresTransient: true,
  })
})
