import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFailure } from '../errors.ts'
import type { StreamEvent } from '../types/event.ts'
import { orderFaults } from './event-order.contract.ts'
import { EventWriter } from './event-writer.ts'

type Step = (writer: EventWriter) => void

function written(...steps: readonly Step[]): StreamEvent[] {
  const writer = new EventWriter()
  writer.start({ id: 'a', model: 'm' })
  for (const step of steps) step(writer)
  writer.finish({ reason: 'stop' })
  return writer.take().slice(1, -1)
}

describe('EventWriter', () => {
  test.each<[string, Step[], StreamEvent[]]>([
    [
      'joins neighbouring deltas of one kind into a block',
      [(writer) => writer.text('a'), (writer) => writer.text('b')],
      [
        { type: 'text-start', index: 0 },
        { type: 'text-delta', index: 0, text: 'a' },
        { type: 'text-delta', index: 0, text: 'b' },
        { type: 'text-end', index: 0 },
      ],
    ],
    [
      'ends a block when another kind follows',
      [(writer) => writer.reasoning('why'), (writer) => writer.text('so')],
      [
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'why' },
        { type: 'reasoning-end', index: 0 },
        { type: 'text-start', index: 1 },
        { type: 'text-delta', index: 1, text: 'so' },
        { type: 'text-end', index: 1 },
      ],
    ],
    [
      'keeps the choices apart',
      [(writer) => writer.text('a', 0), (writer) => writer.text('b', 1), (writer) => writer.text('c', 0)],
      [
        { type: 'text-start', index: 0 },
        { type: 'text-delta', index: 0, text: 'a' },
        { type: 'text-start', index: 1, choice: 1 },
        { type: 'text-delta', index: 1, text: 'b' },
        { type: 'text-delta', index: 0, text: 'c' },
        { type: 'text-end', index: 0 },
        { type: 'text-end', index: 1 },
      ],
    ],
    [
      'gathers the proof of a reasoning block',
      [
        (writer) => writer.reasoning('why'),
        (writer) => writer.reasoningProof({ signature: 'ab', details: [1] }),
        (writer) => writer.reasoningProof({ signature: 'cd', details: [2] }),
      ],
      [
        { type: 'reasoning-start', index: 0 },
        { type: 'reasoning-delta', index: 0, text: 'why' },
        { type: 'reasoning-end', index: 0, signature: 'abcd', details: [1, 2] },
      ],
    ],
    [
      'runs two calls at once and ends the text before them',
      [
        (writer) => writer.text('x'),
        (writer) => writer.toolStart('a', { id: '1', name: 'f' }),
        (writer) => writer.toolStart('b', { id: '2', name: 'g' }),
        (writer) => writer.toolDelta('a', '{}'),
        (writer) => writer.toolSignature('b', 'proof'),
        (writer) => writer.toolDelta('unknown', 'nobody hears this'),
      ],
      [
        { type: 'text-start', index: 0 },
        { type: 'text-delta', index: 0, text: 'x' },
        { type: 'text-end', index: 0 },
        { type: 'tool-call-start', index: 1, id: '1', name: 'f' },
        { type: 'tool-call-start', index: 2, id: '2', name: 'g' },
        { type: 'tool-call-delta', index: 1, arguments: '{}' },
        { type: 'tool-call-end', index: 1 },
        { type: 'tool-call-end', index: 2, signature: 'proof' },
      ],
    ],
    [
      'puts a source on the last text, or on an empty one',
      [(writer) => writer.annotation({ type: 'url-citation', url: 'https://a.example' })],
      [
        { type: 'text-start', index: 0 },
        { type: 'annotation', index: 0, annotation: { type: 'url-citation', url: 'https://a.example' } },
        { type: 'text-end', index: 0 },
      ],
    ],
  ])('%s', (_name, steps, events) => {
    expect(written(...steps)).toEqual(events)
  })

  test('says nothing after the end', () => {
    const writer = new EventWriter()
    writer.error(createFailure({ code: 'internal', message: 'broken' }))
    writer.text('late')
    writer.reasoning('late')
    writer.toolStart(0, { id: 'x', name: 'late' })
    writer.part({ type: 'opaque', protocol: 'gemini', kind: 'late', raw: {} })
    writer.annotation({ type: 'url-citation', url: 'late' })
    writer.finish({ reason: 'stop' })
    expect(writer.take().map(({ type }) => type)).toEqual(['start', 'error'])
  })

  test('keeps the order whatever is written', () => {
    const choice = fc.integer({ min: 0, max: 2 })
    const key = fc.integer({ min: 0, max: 3 })
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.tuple(fc.string(), choice).map(
        ([text, of]): Step =>
          (writer) =>
            writer.text(text, of),
      ),
      fc.tuple(fc.string(), choice).map(
        ([text, of]): Step =>
          (writer) =>
            writer.reasoning(text, of),
      ),
      fc.tuple(fc.string(), choice).map(
        ([text, of]): Step =>
          (writer) =>
            writer.refusal(text, of),
      ),
      fc.tuple(fc.string(), choice).map(
        ([text, of]): Step =>
          (writer) =>
            writer.reasoningProof({ signature: text }, of),
      ),
      fc.tuple(key, choice).map(
        ([at, of]): Step =>
          (writer) =>
            writer.toolStart(at, { id: 'i', name: 'f', choice: of }),
      ),
      fc.tuple(key, fc.string()).map(
        ([at, text]): Step =>
          (writer) =>
            writer.toolDelta(at, text),
      ),
      key.map(
        (at): Step =>
          (writer) =>
            writer.toolEnd(at),
      ),
      choice.map(
        (of): Step =>
          (writer) =>
            writer.endRunning(of),
      ),
      choice.map(
        (of): Step =>
          (writer) =>
            writer.annotation({ type: 'url-citation', url: 'u' }, of),
      ),
      fc.constant<Step>((writer) => writer.finish({ reason: 'stop' })),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const writer = new EventWriter()
        for (const run of steps) run(writer)
        writer.finish({ reason: 'stop' })
        expect(orderFaults(writer.take())).toEqual([])
      }),
    )
  })
})
