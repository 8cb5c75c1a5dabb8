import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../types/json.ts'
import type { RerankAnswer } from '../types/rerank.ts'
import { bedrockRerankProtocol, withModelArn } from './bedrock-rerank/index.ts'
import { cohereRerankProtocol, cohereV1RerankProtocol } from './cohere-rerank/index.ts'
import { huggingfaceRerankProtocol } from './huggingface-rerank/index.ts'
import { jinaRerankProtocol } from './jina-rerank/index.ts'
import type { RerankProtocol } from './protocol.ts'
import { vertexRerankProtocol } from './vertex-rerank/index.ts'
import { voyageRerankProtocol } from './voyage-rerank/index.ts'

const request = { model: 'x', query: 'q', documents: ['a', 'b'], texts: ['a', 'b'], topN: 3 }
const context = { model: 'm', quirks: {}, newId: () => 'id' }

describe('requests', () => {
  test.each<[string, RerankProtocol, object, string, JsonObject]>([
    [
      'cohere',
      cohereRerankProtocol,
      { maxTokensPerDoc: 100, extra: { priority: 1 } },
      '/v2/rerank',
      { model: 'm', query: 'q', documents: ['a', 'b'], top_n: 3, max_tokens_per_doc: 100, priority: 1 },
    ],
    [
      'cohere, first version',
      cohereV1RerankProtocol,
      { maxChunksPerDoc: 10 },
      '/v1/rerank',
      {
        model: 'm',
        query: 'q',
        documents: ['a', 'b'],
        top_n: 3,
        max_chunks_per_doc: 10,
        return_documents: false,
      },
    ],
    [
      'jina: documents are not sent back',
      jinaRerankProtocol,
      { returnDocuments: true },
      '/rerank',
      { model: 'm', query: 'q', documents: ['a', 'b'], top_n: 3, return_documents: false },
    ],
    [
      'voyage',
      voyageRerankProtocol,
      { extra: { truncation: false } },
      '/rerank',
      { model: 'm', query: 'q', documents: ['a', 'b'], top_k: 3, truncation: false },
    ],
    ['hugging face', huggingfaceRerankProtocol, {}, '/rerank', { query: 'q', texts: ['a', 'b'] }],
    [
      'vertex',
      vertexRerankProtocol,
      {},
      '/rankingConfigs/default_ranking_config:rank',
      {
        model: 'm',
        query: 'q',
        records: [
          { id: '0', content: 'a' },
          { id: '1', content: 'b' },
        ],
        topN: 3,
        ignoreRecordDetailsInResponse: true,
      },
    ],
    [
      'bedrock: no more is wanted than there is',
      bedrockRerankProtocol,
      { extra: { next: 1 } },
      '/rerank',
      {
        queries: [{ type: 'TEXT', textQuery: { text: 'q' } }],
        sources: [
          { type: 'INLINE', inlineDocumentSource: { type: 'TEXT', textDocument: { text: 'a' } } },
          { type: 'INLINE', inlineDocumentSource: { type: 'TEXT', textDocument: { text: 'b' } } },
        ],
        rerankingConfiguration: {
          type: 'BEDROCK_RERANKING_MODEL',
          bedrockRerankingConfiguration: {
            numberOfResults: 2,
            modelConfiguration: { modelArn: 'm', additionalModelRequestFields: { next: 1 } },
          },
        },
      },
    ],
  ])('%s', (_name, protocol, more, path, body) => {
    expect(protocol.renderRequest({ ...request, ...more }, context)).toEqual({ path, body })
  })

  test('bedrock is told to rank all where no number is wanted', () => {
    const all = bedrockRerankProtocol.renderRequest({ ...request, topN: undefined }, context)
    expect(all.body).toMatchObject({
      rerankingConfiguration: { bedrockRerankingConfiguration: { numberOfResults: 2 } },
    })
  })

  test('bedrock wants an ARN, in the region that is asked', () => {
    const { body } = bedrockRerankProtocol.renderRequest(request, context)
    const arn = 'arn:aws:bedrock:eu-west-1::foundation-model/m'
    expect(withModelArn(body, 'eu-west-1')).toMatchObject({
      rerankingConfiguration: {
        bedrockRerankingConfiguration: { numberOfResults: 2, modelConfiguration: { modelArn: arn } },
      },
    })
    const named = bedrockRerankProtocol.renderRequest(request, { ...context, model: 'arn:mine' })
    expect(withModelArn(named.body, 'eu-west-1')).toBe(named.body)
  })
})

const parse = { provider: 'p', model: 'm', quirks: {}, newId: () => 'id' }
const rankings = [
  { index: 1, score: 0.5 },
  { index: 0, score: 0.25 },
]
const rows = [
  { index: 1, relevance_score: 0.5 },
  { index: 0, relevance_score: 0.25, document: { text: 'a' } },
]

describe('answers', () => {
  test.each<[string, RerankProtocol, Json, Partial<RerankAnswer>]>([
    [
      'cohere',
      cohereRerankProtocol,
      { id: 'r1', results: rows, meta: { billed_units: { search_units: 2 } } },
      {
        id: 'r1',
        rankings,
        usage: {
          inputTokens: 0,
          outputTokens: 0,
          searchUnits: 2,
          source: 'provider',
          raw: { billed_units: { search_units: 2 } },
        },
      },
    ],
    [
      'jina',
      jinaRerankProtocol,
      { model: 'j', results: rows, usage: { total_tokens: 9 } },
      {
        model: 'j',
        rankings,
        usage: {
          inputTokens: 9,
          outputTokens: 0,
          totalTokens: 9,
          source: 'provider',
          raw: { total_tokens: 9 },
        },
      },
    ],
    [
      'openrouter says what it took',
      jinaRerankProtocol,
      { id: 'g', results: rows, usage: { search_units: 1, cost: 0.002 } },
      { id: 'g', usage: expect.objectContaining({ searchUnits: 1, reportedCostUsd: 0.002 }) },
    ],
    ['fireworks', jinaRerankProtocol, { object: 'list', data: rows }, { rankings, usage: undefined }],
    ['voyage', voyageRerankProtocol, { data: rows, usage: { total_tokens: 9 } }, { rankings }],
    [
      'bedrock',
      bedrockRerankProtocol,
      {
        results: [
          { index: 1, relevanceScore: 0.5 },
          { index: 0, relevanceScore: 0.25 },
        ],
      },
      { id: '', rankings },
    ],
    [
      'vertex',
      vertexRerankProtocol,
      {
        records: [
          { id: '1', score: 0.5 },
          { id: '0', score: 0.25 },
        ],
      },
      { rankings },
    ],
    [
      'hugging face',
      huggingfaceRerankProtocol,
      [
        { index: 1, score: 0.5 },
        { index: 0, score: 0.25 },
      ],
      { rankings },
    ],
  ])('%s', (_name, protocol, body, answer) => {
    expect(protocol.parseAnswer(body, parse)).toMatchObject(answer)
  })

  test.each<[string, RerankProtocol]>([
    ['cohere', cohereRerankProtocol],
    ['bedrock', bedrockRerankProtocol],
    ['vertex', vertexRerankProtocol],
    ['hugging face', huggingfaceRerankProtocol],
  ])('%s: a body without rankings is no answer', (_name, protocol) => {
    expect(() => protocol.parseAnswer({ results: [], records: [{}] }, parse)).toThrow('no ranked documents')
  })
})
