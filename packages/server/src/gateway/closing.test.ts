import type { Failure, Usage } from '@switchyard/llm/kit'
import { createError } from '@switchyard/llm/kit'
import { expect, test } from 'vitest'
import { closingOf, outcomeOf } from './closing.ts'
import { createReceipt } from './exchange.ts'
import type { Receipt } from './exchange.ts'
import { servicesOf } from './testing/services.ts'

const usage: Usage = { inputTokens: 3, outputTokens: 2, source: 'provider' }
const answered = { deploymentId: 'd', ms: 5 }
const late = { deploymentId: 'first', code: 'timeout', ms: 3 }

function failure(code: Failure['code'], reason?: string): Failure {
  return createError({ code, message: 'no', ...(reason === undefined ? {} : { reason }) }).toFailure()
}

function receiptOf(parts: Partial<Receipt>): Receipt {
  return { ...createReceipt(), ...parts }
}

test.each<[string, Partial<Receipt>, object]>([
  ['an answer with usage', { usage, costPicoUsd: 7n }, { state: 'settled', costPicoUsd: 7n }],
  [
    'an answer whose usage is ours',
    { usage: { ...usage, source: 'estimated' }, costPicoUsd: 7n },
    { state: 'estimated', costPicoUsd: 7n },
  ],
  ['an answer without a price', { usage }, { state: 'settled', costPicoUsd: 0n }],
  [
    'a stream that failed after it said something',
    { usage, costPicoUsd: 7n, failure: failure('stream_interrupted'), attempts: [answered] },
    { state: 'settled', costPicoUsd: 7n },
  ],
  ['a refusal', { failure: failure('rate_limit') }, { state: 'released', costPicoUsd: 0n }],
  [
    'a provider that refused',
    { failure: failure('rate_limit'), attempts: [answered] },
    { state: 'released', costPicoUsd: 0n },
  ],
  [
    'a provider that may have worked before it failed',
    { failure: failure('timeout'), costPicoUsd: 99n, attempts: [{ ...late, estimatedPicoUsd: 99n }] },
    { state: 'estimated', costPicoUsd: 99n },
  ],
  [
    'one of them whose price nobody knows',
    { failure: failure('timeout'), attempts: [{ ...late, estimatedPicoUsd: 0n }] },
    { state: 'estimated', costPicoUsd: 0n },
  ],
  [
    'an answer after an attempt that may have cost',
    { usage, costPicoUsd: 106n, attempts: [{ ...late, estimatedPicoUsd: 99n }, answered] },
    { state: 'estimated', costPicoUsd: 106n },
  ],
  [
    'an answer after an attempt that cost nothing',
    { usage, costPicoUsd: 7n, attempts: [late, answered] },
    { state: 'settled', costPicoUsd: 7n },
  ],
  ['a client that left before', { failure: failure('aborted') }, { state: 'released', costPicoUsd: 0n }],
])('what %s costs', (_name, parts, expected) => {
  expect(outcomeOf(receiptOf(parts))).toEqual(expected)
})

test.each<[string, Partial<Receipt>, bigint, object[]]>([
  [
    'an answer after failures of both kinds',
    { usage, attempts: [late, { ...late, estimatedPicoUsd: 99n }, answered] },
    106n,
    [
      { ...late, costPicoUsd: 0n },
      { ...late, costPicoUsd: 99n, estimated: true },
      { ...answered, costPicoUsd: 7n },
    ],
  ],
  [
    'nothing but failures',
    {
      attempts: [
        { ...late, estimatedPicoUsd: 99n },
        { ...late, estimatedPicoUsd: 1n },
      ],
    },
    100n,
    [
      { ...late, costPicoUsd: 99n, estimated: true },
      { ...late, costPicoUsd: 1n, estimated: true },
    ],
  ],
  [
    'an answer whose usage is ours',
    { usage: { ...usage, source: 'estimated' }, attempts: [answered] },
    7n,
    [{ ...answered, costPicoUsd: 7n, estimated: true }],
  ],
])('the attempts of %s list what each cost', (_name, parts, costPicoUsd, expected) => {
  const closing = closingOf({
    ...input,
    outcome: { state: 'settled', costPicoUsd },
    receipt: receiptOf(parts),
  })
  expect(closing.log.attempts).toEqual(expected)
})

const outcome = { state: 'settled', costPicoUsd: 7n } as const
const input = { requestId: 'r', outcome, startedMs: 1, settledMs: 9, metadata: {} }

test('a record holds what is known of the request', async () => {
  const services = await servicesOf(
    'model_list: [{model_name: gpt, litellm_params: {model: openai/m-1, api_key: x}}]',
  )
  const [deployment] = services.deployments.find('gpt')
  const receipt = receiptOf({
    deployment,
    usage: { ...usage, cacheReadTokens: 1 },
    servedModel: 'm-1-2026',
    model: 'gpt',
    status: 200,
    responseId: 'chatcmpl-1',
    attempts: [{ deploymentId: 'first', code: 'timeout', ms: 3 }, answered],
  })
  expect(closingOf({ ...input, receipt, requesterIp: '::1', sessionId: 's' })).toMatchObject({
    type: 'closing',
    requestId: 'r',
    settledMs: 9,
    ...outcome,
    log: {
      responseId: 'chatcmpl-1',
      status: 'success',
      statusCode: 200,
      startedMs: 1,
      model: 'm-1-2026',
      deploymentId: deployment?.id,
      provider: 'openai',
      inputTokens: 3,
      outputTokens: 2,
      cacheReadTokens: 1,
      cacheWriteTokens: 0,
      usageSource: 'provider',
      requesterIp: '::1',
      sessionId: 's',
      attempts: [
        { deploymentId: 'first', code: 'timeout', costPicoUsd: 0n },
        { deploymentId: 'd', costPicoUsd: 7n },
      ],
    },
  })
})

test.each<[string, Partial<Receipt>, object]>([
  [
    'failed',
    { failure: failure('timeout'), status: 504, model: 'gpt' },
    { status: 'failure', model: 'asked' },
  ],
  ['was left', { status: 499 }, { status: 'failure' }],
  ['failed within a stream', { failure: failure('stream_interrupted'), status: 200 }, { status: 'failure' }],
])('a record of one that %s', (_name, parts, expected) => {
  expect(closingOf({ ...input, model: 'asked', receipt: receiptOf(parts) }).log).toMatchObject(expected)
})
