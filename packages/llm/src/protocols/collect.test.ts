import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFailure } from '../errors.ts'
import type { Answer, Finish } from '../types/answer.ts'
import type { AnswerPart } from '../types/message.ts'
import { collect, createCollector, eventsOf } from './collect.ts'
import { orderFaults } from './event-order.contract.ts'

const text = fc.string()
const word = fc.string({ minLength: 1 })

const part: fc.Arbitrary<AnswerPart> = fc.oneof(
  text.map((value): AnswerPart => ({ type: 'text', text: value })),
  fc.tuple(text, word).map(([value, url]): AnswerPart => ({
    type: 'text',
    text: value,
    annotations: [{ type: 'url-citation', url }],
    signature: 'proof',
  })),
  fc
    .tuple(text, word)
    .map(([value, signature]): AnswerPart => ({ type: 'reasoning', text: value, signature })),
  fc.constant<AnswerPart>({
    type: 'reasoning',
    text: '',
    redacted: 'xx',
    itemId: 'rs_1',
    encrypted: 'yy',
    details: [1],
  }),
  text.map((value): AnswerPart => ({ type: 'refusal', text: value })),
  fc
    .tuple(word, word, text)
    .map(([id, name, value]): AnswerPart => ({ type: 'tool-call', id, name, arguments: value })),
  fc.constant<AnswerPart>({
    type: 'tool-call',
    id: 'c',
    name: 'sql',
    arguments: 'select 1',
    custom: true,
    signature: 's',
    itemId: 'fc_1',
  }),
  fc.constant<AnswerPart>({ type: 'image', source: { type: 'url', url: 'https://a.example/i.png' } }),
  fc.constant<AnswerPart>({
    type: 'opaque',
    protocol: 'gemini',
    kind: 'codeExecutionResult',
    raw: { outcome: 'ok' },
  }),
)

const finish: fc.Arbitrary<Finish> = fc.oneof(
  fc.constant<Finish>({ reason: 'stop', rawReason: 'end_turn', stopSequence: '\n' }),
  fc.constant<Finish>({ reason: 'tool-calls' }),
  fc.constant<Finish>({ reason: 'length', rawReason: 'length' }),
)

const answer: fc.Arbitrary<Answer> = fc
  .record({
    id: text,
    model: text,
    choices: fc.array(fc.record({ parts: fc.array(part, { maxLength: 6 }), finish }), {
      minLength: 1,
      maxLength: 3,
    }),
  })
  .map((value): Answer => ({
    ...value,
    createdS: 1,
    serviceTier: 'flex',
    systemFingerprint: 'fp',
    usage: { inputTokens: 3, outputTokens: 4, source: 'provider' },
    metadata: { region: 'eu' },
  }))

describe('collect', () => {
  test('is the reverse of eventsOf, whose events keep the order', () => {
    fc.assert(
      fc.property(answer, (value) => {
        const events = eventsOf(value)
        expect(orderFaults(events)).toEqual([])
        expect(collect(events)).toEqual(value)
        expect(eventsOf(collect(events))).toEqual(events)
      }),
    )
  })

  test('joins the log probabilities of a choice', () => {
    const token = (name: string): { token: string } => ({ token: name })
    const collected = collect([
      { type: 'start', id: '', model: '' },
      { type: 'logprobs', logprobs: { content: [token('a')], refusal: null } },
      { type: 'logprobs', logprobs: { content: [token('b')], refusal: null } },
      { type: 'finish', reason: 'stop' },
    ])
    expect(collected.choices[0]?.logprobs).toEqual({ content: [token('a'), token('b')], refusal: null })
  })

  test('keeps what was said before a failure, with the usage known so far', () => {
    const collector = createCollector()
    const failure = createFailure({ code: 'stream_interrupted', message: 'cut' })
    collector.push({
      type: 'start',
      id: 'a',
      model: 'm',
      usage: { inputTokens: 9, outputTokens: 0, source: 'provider' },
    })
    collector.push({ type: 'text-start', index: 0 })
    collector.push({ type: 'text-delta', index: 0, text: 'half' })
    collector.push({ type: 'text-end', index: 0 })
    collector.push({ type: 'error', failure })
    expect(collector.failure()).toBe(failure)
    expect(collector.answer()).toEqual({
      id: 'a',
      model: 'm',
      choices: [{ parts: [{ type: 'text', text: 'half' }], finish: { reason: 'other' } }],
      usage: { inputTokens: 9, outputTokens: 0, source: 'provider' },
    })
  })
})
