import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closing, opening } from '../testing/records.ts'
import { parseLine, renderLine } from './line.ts'

describe('a line of the journal', () => {
  it('gives back what was written', () => {
    const money = fc.bigInt({ min: 0n, max: 2n ** 100n })
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(money, money, text, text, (hold, cost, tag, message) => {
        const records = [
          opening(tag, { holdPicoUsd: hold, parties: { tags: [tag, message] } }),
          closing(tag, { costPicoUsd: hold, isPresumed: true }),
          closing(tag, {
            costPicoUsd: cost,
            log: { metadata: { message }, attempts: [{ deploymentId: tag, ms: 1, costPicoUsd: cost }] },
          }),
        ]
        for (const record of records) {
          const line = renderLine(record)
          // What is undefined has no place in JSON.
          expect(parseLine(line.slice(0, -1))).toEqual({ type: 'record', record })
          expect(line.indexOf('\n')).toBe(line.length - 1)
        }
      }),
    )
  })

  const line = renderLine(opening('r1')).slice(0, -1)
  it.each([
    ['cut off', line.slice(0, 90), { type: 'torn' }],
    ['empty', '', { type: 'torn' }],
    ['changed', line.replace('key-1', 'key-2'), { type: 'torn' }],
    ['with a changed checksum', line.replace(/ [\da-f]{8} /, ' 00000000 '), { type: 'torn' }],
    ['of a newer form', line.replace(/^1/, '2'), { type: 'newer', version: 2 }],
  ])('that is %s is recognised', (_, text, expected) => {
    expect(parseLine(text)).toEqual(expected)
  })
})
