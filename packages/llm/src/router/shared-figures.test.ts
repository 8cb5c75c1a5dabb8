import { describe, expect, test } from 'vitest'
import { SharedFigures } from './shared-figures.ts'
import { createDeploymentStates } from './state.ts'

const MANY = { requests: 99, tokens: 999 }

describe('figures that several processes share', () => {
  test('are what all have counted, and what this one has counted since', () => {
    const figures = new SharedFigures()
    for (let count = 0; count < 3; count++) figures.begin()
    figures.measure(50, {})
    expect(figures.requestsIn(0)).toBeUndefined()
    const told = figures.untold(MANY, 0)
    expect(told).toEqual({ requests: 3, tokens: 50 })
    // While it was being told.
    figures.begin()
    figures.hear({ requests: 10, tokens: 400 }, told, 30_000, 100)
    expect([figures.requestsIn(200), figures.tokensIn(200)]).toEqual([11, 400])
    expect(figures.untold(MANY, 200)).toEqual({ requests: 1, tokens: 0 })
  })

  test('begin anew with the minute, and are unknown without news', () => {
    const figures = new SharedFigures()
    figures.hear({ requests: 10, tokens: 400 }, { requests: 0, tokens: 0 }, 1_000, 0)
    figures.begin()
    expect([999, 1_000, 4_999, 5_000].map((nowMs) => figures.requestsIn(nowMs))).toEqual([
      11,
      1,
      1,
      undefined,
    ])
  })

  test('of a time without news no more is told than of this minute', () => {
    const figures = new SharedFigures()
    for (let count = 0; count < 30; count++) figures.begin()
    figures.measure(500, {})
    expect(figures.untold({ requests: 2, tokens: 10 }, 600_000)).toEqual({ requests: 2, tokens: 10 })
  })

  test('are told in no more samples than are looked at, and each once', () => {
    const figures = new SharedFigures()
    for (let count = 1; count <= 12; count++) figures.measure(1, { latencyMs: count })
    expect(figures.takeSamples().map(({ latencyMs }) => latencyMs)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(figures.takeSamples()).toEqual([])
  })

  test('are those of deployments that come later, too', () => {
    const states = createDeploymentStates()
    const before = states.of('a')
    states.share()
    expect([before.shared, states.of('b').shared]).toEqual([
      expect.any(SharedFigures),
      expect.any(SharedFigures),
    ])
    before.begin(0)
    before.fail(true, 0)
    expect(before.shared?.untold(before.own(0), 0)).toEqual({ requests: 1, tokens: 0 })
    expect(before.shared?.takeSamples()).toEqual([{ latencyMs: 1_000_000 }])
  })
})
