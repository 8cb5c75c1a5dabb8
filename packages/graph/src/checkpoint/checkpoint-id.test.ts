import { describe, expect, it } from 'vitest'
import { checkpointIds } from './checkpoint-id.ts'

const VERSION_6 = /^[0-9a-f]{8}-[0-9a-f]{4}-6[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('checkpoint ids', () => {
  it('hold the time as RFC 9562 lays it out', () => {
    // The example of the RFC's appendix A.5: 22 February 2022, 19:22:22 UTC.
    const next = checkpointIds(
      () => 1_645_557_742_000,
      () => 0,
    )
    expect(next()).toBe('1ec9414c-232a-6b00-8000-000000000000')
  })

  it.each([
    ['the clock stands still', () => 1_700_000_000_000],
    ['the clock runs backwards', (call: number) => 1_700_000_000_000 - call],
    ['the clock jumps to and fro', (call: number) => 1_700_000_000_000 + (call % 7) * 1000],
  ])('sort in the order in which they were made when %s', (_case, clock) => {
    let call = 0
    const next = checkpointIds(() => clock(call++))
    const ids = Array.from({ length: 10_000 }, () => next())
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => VERSION_6.test(id))).toBe(true)
  })

  it('sort behind the id of a machine whose clock runs ahead', () => {
    const next = checkpointIds(() => 1_700_000_000_000)
    const ahead = checkpointIds(() => 1_700_000_900_000)()
    const ids = [ahead, next(ahead), next(), next(ahead)]
    expect(ids.toSorted()).toEqual(ids)
    expect(new Set(ids).size).toBe(4)
  })

  it('of two sources differ at the same moment', () => {
    const clock = (): number => 1_700_000_000_000
    expect(checkpointIds(clock)()).not.toBe(checkpointIds(clock)())
  })
})
