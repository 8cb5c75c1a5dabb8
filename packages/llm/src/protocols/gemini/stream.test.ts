import { describe, expect, it } from 'vitest'
import { createFrameReader } from '../../http/framing.ts'
import type { Framing } from '../../http/framing.ts'
import type { StreamEvent } from '../../types/event.ts'
import type { JsonObject } from '../../types/json.ts'
import { collect } from '../collect.ts'
import { parsePath } from './partial-arguments.ts'
import { createStreamParser } from './stream.ts'

const context = { provider: 'gemini', model: 'gemini-x', quirks: {}, newId: () => '1' }

const of = (parts: JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, ...more }],
  responseId: 'r',
  modelVersion: 'm',
})

function read(responses: JsonObject[], framing: Framing = 'sse'): StreamEvent[] {
  const texts = responses.map((response) => JSON.stringify(response))
  const wire =
    framing === 'sse'
      ? texts.map((text) => `data: ${text}\r\n\r\n`).join('')
      : `[${texts.join('\n,\r\n')}\n]\n`
  const reader = createFrameReader(framing)
  const parser = createStreamParser(context)
  const frames = [...reader.push(new TextEncoder().encode(wire)), ...reader.end()]
  return [...frames.flatMap((frame) => parser.push(frame)), ...parser.end()]
}

const usageMetadata = { promptTokenCount: 2, candidatesTokenCount: 3, totalTokenCount: 5 }

describe('a stream', () => {
  const responses = [
    of([{ text: 'think', thought: true }]),
    of([{ text: '', thought: true, thoughtSignature: 's0' }]),
    of([{ text: 'Hel' }]),
    of([{ text: 'lo' }]),
    of([{ text: '', thoughtSignature: 's1' }], { finishReason: 'STOP' }),
    { usageMetadata, responseId: 'r', modelVersion: 'm' },
  ]

  it.each<Framing>(['sse', 'json-array'])(
    'as %s tells the answer, usage after the finish reason included',
    (framing) => {
      expect(collect(read(responses, framing))).toMatchObject({
        id: 'r',
        model: 'm',
        choices: [
          {
            parts: [
              { type: 'reasoning', text: 'think', signature: 's0' },
              { type: 'text', text: 'Hello', signature: 's1' },
            ],
            finish: { reason: 'stop', rawReason: 'STOP' },
          },
        ],
        usage: { inputTokens: 2, outputTokens: 3 },
      })
    },
  )

  it('keeps candidates apart', () => {
    const response: JsonObject = {
      candidates: [
        { index: 0, content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' },
        { index: 1, content: { parts: [{ functionCall: { name: 'f', args: {} } }] }, finishReason: 'STOP' },
      ],
    }
    const { choices } = collect(read([response]))
    expect(choices.map((choice) => [choice.parts[0]?.type, choice.finish.reason])).toEqual([
      ['text', 'stop'],
      ['tool-call', 'tool-calls'],
    ])
  })

  it('places sources when the text is whole', () => {
    const groundingMetadata = {
      groundingChunks: [{ web: { uri: 'https://a.test' } }],
      groundingSupports: [{ segment: { startIndex: 3, endIndex: 5 }, groundingChunkIndices: [0] }],
      webSearchQueries: ['q'],
    }
    const answer = collect(
      read([
        of([{ text: 'é ' }]),
        { ...of([{ text: 'ab' }], { finishReason: 'STOP', groundingMetadata }), usageMetadata },
      ]),
    )
    expect(answer.choices[0]?.parts).toMatchObject([
      { text: 'é ab', annotations: [{ url: 'https://a.test', startIndex: 2, endIndex: 4 }] },
    ])
    expect(answer).toMatchObject({ metadata: { groundingMetadata }, usage: { webSearchRequests: 1 } })
  })
})

describe('arguments in pieces', () => {
  const part = (functionCall: JsonObject, more: JsonObject = {}): JsonObject =>
    of([{ functionCall, ...more }])
  const piece = (jsonPath: string, value: JsonObject, willContinue?: boolean): JsonObject => ({
    partialArgs: [{ jsonPath, ...value, ...(willContinue === undefined ? {} : { willContinue }) }],
    willContinue: true,
  })

  it('pass on as they come and are whole at the end', () => {
    const events = read([
      part({ name: 'f', willContinue: true }, { thoughtSignature: 's' }),
      part(piece('$.a[0].name', { stringValue: 'x"' }, true)),
      part(piece('$.a[0].name', { stringValue: 'y' }, true)),
      part(piece('$.a[0].name', { stringValue: '' })),
      part({ willContinue: true }),
      part(piece('$.a[0].on', { boolValue: true })),
      part(piece('$.a[1].name', { nullValue: null })),
      part(piece('$.b', { numberValue: 0.5 })),
      part({}),
      part({ name: 'g', willContinue: true }),
      part({}),
      part({ name: 'h', partialArgs: [{ jsonPath: "$['c d']", stringValue: 'z' }] }),
      of([{ text: '' }], { finishReason: 'STOP' }),
    ])
    const deltas = events.filter((event) => event.type === 'tool-call-delta').map((event) => event.arguments)
    expect(deltas.slice(0, 4)).toEqual(['{"a":[{"name":"x\\"', 'y', '"', ',"on":true'])
    expect(collect(events).choices[0]).toMatchObject({
      parts: [
        { name: 'f', arguments: '{"a":[{"name":"x\\"y","on":true},{"name":null}],"b":0.5}', signature: 's' },
        { name: 'g', arguments: '{}' },
        { name: 'h', arguments: '{"c d":"z"}' },
      ],
      finish: { reason: 'tool-calls' },
    })
  })

  it('are closed when the next part or the end comes first', () => {
    const events = read([
      part({ name: 'f', willContinue: true }),
      part(piece('$.a', { stringValue: 'open' }, true)),
      of([], { finishReason: 'STOP' }),
    ])
    expect(collect(events).choices[0]?.parts).toMatchObject([{ arguments: '{"a":"open"}' }])
  })

  it.each([
    ['$.a.b[0]', ['a', 'b', 0]],
    [`$['a.b']["c\\"d"][12].e`, ['a.b', 'c"d', 12, 'e']],
    ['$', []],
  ])('find their place by path %s', (path, steps) => {
    expect(parsePath(path)).toEqual(steps)
  })
})

describe('a bad end', () => {
  const last = (responses: JsonObject[]): StreamEvent | undefined => read(responses).at(-1)

  it('of a stream that stops early is an error', () => {
    expect(last([of([{ text: 'a' }])])).toMatchObject({
      type: 'error',
      failure: { code: 'stream_interrupted' },
    })
    expect(last([])).toMatchObject({ type: 'error', failure: { code: 'stream_interrupted' } })
  })

  it('is none where Vertex gives its final counts but no reason', () => {
    const uncounted = { ...of([{ text: 'a' }]), usageMetadata: { trafficType: 'ON_DEMAND' } }
    expect(last([uncounted, { ...of([{ text: 'b' }]), usageMetadata }])).toMatchObject({
      type: 'finish',
      reason: 'stop',
    })
    expect(last([{ ...of([]), usageMetadata }, uncounted])).toMatchObject({ type: 'error' })
  })

  it('of a refused prompt is the filter', () => {
    expect(last([{ promptFeedback: { blockReason: 'SAFETY' } }])).toMatchObject({
      type: 'finish',
      reason: 'content-filter',
      rawReason: 'SAFETY',
    })
  })

  it('is an error the service tells, and nothing follows it', () => {
    const events = read([
      of([{ text: 'a' }]),
      { error: { status: 'UNAVAILABLE', message: 'overloaded' } },
      of([{ text: 'b' }], { finishReason: 'STOP' }),
    ])
    expect(events.map((event) => event.type)).toEqual([
      'start',
      'text-start',
      'text-delta',
      'text-end',
      'error',
    ])
    expect(events.at(-1)).toMatchObject({ failure: { code: 'service_unavailable', retryable: true } })
  })

  it('is an error where a frame is not JSON', () => {
    const parser = createStreamParser(context)
    expect(parser.push({ data: '{' }).at(-1)).toMatchObject({ failure: { code: 'invalid_response' } })
    expect(parser.end()).toEqual([])
  })
})
