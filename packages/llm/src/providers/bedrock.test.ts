import { describe, expect, test } from 'vitest'
import type { Target } from '../types/provider.ts'
import type { Quirks } from '../types/quirks.ts'
import { parseBedrockModel } from './bedrock-model.ts'
import { bedrock } from './bedrock.ts'

const arn = 'arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-pro-v1:0'

test.each([
  ['anthropic.claude-v2:1', 'anthropic.claude-v2:1', undefined, undefined],
  ['converse/us.anthropic.claude-v2', 'us.anthropic.claude-v2', 'converse', undefined],
  ['invoke/us.anthropic.claude-v2', 'us.anthropic.claude-v2', 'invoke', undefined],
  ['ap-northeast-1/anthropic.claude-v2', 'anthropic.claude-v2', undefined, 'ap-northeast-1'],
  ['converse/us-gov-west-1/1-month-commitment/amazon.x', 'amazon.x', 'converse', 'us-gov-west-1'],
  [arn, arn, undefined, 'eu-west-1'],
  [`converse/nova/${arn}`, arn, 'converse', 'eu-west-1'],
])('%s', (text, model, route, region) => {
  expect(parseBedrockModel(text)).toEqual({ model, route, region })
  expect(bedrock.wireModel?.({ provider: 'bedrock', model: text })).toBe(model)
})

function chatSurface(target: Target) {
  const { chat } = bedrock.speaks
  return typeof chat === 'function' ? chat(target) : chat
}

test.each([
  ['invoke/anthropic.claude-v2', 'bedrock-invoke'],
  ['anthropic.claude-v2', 'bedrock-converse'],
  ['invoke/amazon.nova-pro-v1:0', 'bedrock-converse'],
])('%s speaks %s', (model, protocol) => {
  expect(chatSurface({ provider: 'bedrock', model })?.protocol.id).toBe(protocol)
})

describe('the address', () => {
  const base = 'https://bedrock-runtime.us-east-1.amazonaws.com'
  const path = '/model/m/converse'

  test.each<[string, string, boolean, Partial<Target>, string]>([
    [
      'the region of the settings',
      base,
      false,
      { options: { aws_region_name: 'us-east-1' }, model: arn },
      base,
    ],
    ['the region of the ARN', base, false, { model: arn }, 'https://bedrock-runtime.eu-west-1.amazonaws.com'],
    [
      'the region of the model string',
      base,
      false,
      { model: 'us-west-2/x.y' },
      'https://bedrock-runtime.us-west-2.amazonaws.com',
    ],
    ['no region', base, false, { model: 'x.y' }, base],
    ['an address of its own', 'https://vpce.example', true, { model: arn }, 'https://vpce.example'],
    [
      'an endpoint of its own',
      base,
      false,
      { model: arn, options: { aws_bedrock_runtime_endpoint: 'https://vpce.example/' } },
      'https://vpce.example',
    ],
  ])('%s', (_name, given, custom, settings, expected) => {
    const target: Target = { provider: 'bedrock', model: 'm', ...settings }
    const url = chatSurface(target)?.url?.({ base: given, custom, path, model: 'm', stream: false, target })
    expect(url).toBe(`${expected}${path}`)
  })
})

test.each([
  ['us.anthropic.claude-3-7-sonnet-20250219-v1:0', { modelFamily: 'anthropic' }],
  ['us.anthropic.claude-sonnet-4-20250514-v1:0', { modelFamily: 'anthropic' }],
  [
    'global.anthropic.claude-sonnet-4-5-20250929-v1:0',
    { modelFamily: 'anthropic', jsonSchema: 'native', temperatureOrTopP: true },
  ],
  ['us.anthropic.claude-opus-4-1-20250805-v1:0', { modelFamily: 'anthropic', jsonSchema: undefined }],
  [
    'us.anthropic.claude-sonnet-4-6',
    { modelFamily: 'anthropic', jsonSchema: 'native', thinkingMode: 'adaptive' },
  ],
  ['us.amazon.nova-pro-v1:0', { modelFamily: 'nova' }],
  ['us.amazon.nova-2-lite-v1:0', { modelFamily: 'nova-2' }],
  [`nova/arn:aws:bedrock:us-east-1:1:x/y`, { modelFamily: 'nova' }],
  ['openai.gpt-oss-120b-1:0', { modelFamily: 'openai', jsonSchema: 'native' }],
  ['qwen.qwen3-32b-v1:0', { modelFamily: 'qwen', jsonSchema: 'native' }],
  ['us.deepseek.r1-v1:0', { jsonSchema: 'json-object' }],
  ['meta.llama3-70b-instruct-v1:0', {}],
])('quirks of %s', (model, quirks) => {
  const matching = (bedrock.modelQuirks ?? []).filter(({ match }) => match.test(model))
  const merged: Quirks = Object.assign({}, ...matching.map((row) => row.quirks))
  expect(merged).toMatchObject(quirks)
})

test.each([
  ['amazon.titan-embed-text-v2:0', 'bedrock-titan-embeddings'],
  ['amazon.titan-embed-image-v1', 'bedrock-titan-image-embeddings'],
  ['amazon.nova-2-multimodal-embeddings-v1:0', 'bedrock-nova-embeddings'],
  ['cohere.embed-multilingual-v3', 'bedrock-cohere-embeddings'],
])('%s embeds by %s', (model, protocol) => {
  const { embeddings } = bedrock.speaks
  const surface = typeof embeddings === 'function' ? embeddings({ provider: 'bedrock', model }) : embeddings
  expect(surface?.protocol.id).toBe(protocol)
})
