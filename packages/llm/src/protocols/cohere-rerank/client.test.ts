import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { RerankAnswer } from '../../types/rerank.ts'
import { parseRerankRequest, renderRerankAnswer } from './client.ts'

const base = { model: 'm', query: 'q' }

describe('a document', () => {
  test.each<[string, JsonObject, string]>([
    ['is a text', { documents: ['a'] }, 'a'],
    ['is an object with a text', { documents: [{ text: 'a', source: 'x' }] }, 'a'],
    ['is an object without', { documents: [{ title: 'a', pages: 3, none: null }] }, 'title: a\npages: 3'],
    [
      'is looked at in the fields that are named',
      { documents: [{ text: 'a', title: 'b', tags: ['c'] }], rank_fields: ['title', 'tags', 'absent'] },
      'title: b\ntags: ["c"]',
    ],
  ])('%s', (_name, body, text) => {
    expect(parseRerankRequest({ ...base, ...body }).texts).toEqual([text])
  })

  test.each<[string, JsonObject, string]>([
    ['no model', { model: '', documents: ['a'] }, 'model'],
    ['no documents', {}, 'documents'],
    ['an empty list', { documents: [] }, 'documents'],
    ['a number among them', { documents: ['a', 3] }, 'documents[1]'],
    ['one without the fields', { documents: [{ text: 'a' }], rank_fields: ['title'] }, 'documents[0]'],
    ['a field that is no name', { documents: ['a'], rank_fields: [1] }, 'rank_fields[0]'],
    ['none of the best', { documents: ['a'], top_n: 0 }, 'top_n'],
    ['no query', { query: null, documents: ['a'] }, 'query'],
  ])('%s is refused', (_name, body, param) => {
    expect(() => parseRerankRequest({ ...base, ...body })).toThrow(expect.objectContaining({ param }))
  })

  test('what is not known goes to the provider', () => {
    expect(parseRerankRequest({ ...base, documents: ['a'], priority: 1 }).extra).toEqual({ priority: 1 })
  })
})

const answer: RerankAnswer = {
  id: 'r',
  model: '',
  rankings: [
    { index: 0, score: 0.25 },
    { index: 2, score: 0.75 },
    { index: 1, score: 0.5 },
    { index: 9, score: 1 },
  ],
}

describe('an answer', () => {
  const documents = ['a', { text: 'b', source: 'x' }, 'c']
  const render = (more: JsonObject, given: Partial<RerankAnswer> = {}) =>
    renderRerankAnswer(
      { ...answer, ...given },
      parseRerankRequest({ ...base, documents, ...more }),
      () => '7',
    )

  test('has the best first, and only documents that there are', () => {
    expect(render({})).toEqual({
      id: 'r',
      results: [
        { index: 2, relevance_score: 0.75 },
        { index: 1, relevance_score: 0.5 },
        { index: 0, relevance_score: 0.25 },
      ],
      meta: {},
    })
  })

  test('holds the documents as they were given where they are wanted', () => {
    expect(render({ top_n: 2, return_documents: true }).results).toEqual([
      { index: 2, relevance_score: 0.75, document: { text: 'c' } },
      { index: 1, relevance_score: 0.5, document: { text: 'b', source: 'x' } },
    ])
  })

  test('gets an id where the provider gave none', () => {
    expect(render({}, { id: '' }).id).toBe('rerank-7')
  })

  test.each<[string, RerankAnswer['usage'], object]>([
    [
      'by the search',
      { inputTokens: 0, outputTokens: 0, searchUnits: 2, source: 'provider' },
      { billed_units: { search_units: 2 } },
    ],
    [
      'by tokens',
      { inputTokens: 9, outputTokens: 0, totalTokens: 9, source: 'provider' },
      { billed_units: { total_tokens: 9 }, tokens: { input_tokens: 9, output_tokens: 0 } },
    ],
  ])('tells what it is billed by: %s', (_name, usage, meta) => {
    expect(render({}, { usage }).meta).toEqual(meta)
  })
})
