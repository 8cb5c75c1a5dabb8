import { describe, expect, test } from 'vitest'
import { Overwrite } from '../control.ts'
import { EmptyChannelError, InvalidUpdateError } from '../errors.ts'
import type { BaseChannel } from './index.ts'
import {
  AnyValue,
  BinaryOperatorAggregate,
  DeltaChannel,
  EphemeralValue,
  LastValue,
  LastValueAfterFinish,
  NamedBarrierValue,
  NamedBarrierValueAfterFinish,
  Topic,
  UntrackedValueChannel,
} from './index.ts'

const empty = Symbol('empty')
const read = (channel: BaseChannel): unknown => (channel.isAvailable() ? channel.get() : empty)
type Step = readonly [write: readonly unknown[], changed: boolean, after: unknown]

const sum = (a: number, b: number): number => a + b
const kinds: Record<string, { make: () => BaseChannel; steps: readonly Step[] }> = {
  LastValue: {
    make: () => new LastValue(),
    steps: [
      [[], false, empty],
      [[1], true, 1],
      [[], false, 1],
      [[undefined], true, undefined],
      [[new Overwrite(7)], true, 7],
    ],
  },
  'LastValue with an initial value': { make: () => new LastValue(() => 5), steps: [[[], false, 5]] },
  BinaryOperatorAggregate: {
    make: () => new BinaryOperatorAggregate(sum, () => 0) as unknown as BaseChannel,
    steps: [
      [[], false, 0],
      [[1, 2, 3], true, 6],
      [[1, new Overwrite(10), 2], true, 10],
    ],
  },
  'BinaryOperatorAggregate without an initial value': {
    make: () => new BinaryOperatorAggregate(sum) as unknown as BaseChannel,
    steps: [
      [[], false, empty],
      [[4], true, 4],
      [[1, 1], true, 6],
    ],
  },
  DeltaChannel: {
    make: () =>
      new DeltaChannel<number[], number>((list, writes) => [...list, ...writes], {
        default: () => [],
      }) as unknown as BaseChannel,
    steps: [
      [[1, 2], true, [1, 2]],
      [[new Overwrite([9]), 3], true, [9]],
    ],
  },
  EphemeralValue: {
    make: () => new EphemeralValue(),
    steps: [
      [['a'], true, 'a'],
      [[], true, empty],
      [[], false, empty],
    ],
  },
  'EphemeralValue without a guard': {
    make: () => new EphemeralValue(false),
    steps: [[['a', 'b'], true, 'b']],
  },
  AnyValue: {
    make: () => new AnyValue(),
    steps: [
      [['a', 'a'], true, 'a'],
      [[], true, empty],
    ],
  },
  UntrackedValue: { make: () => new UntrackedValueChannel(), steps: [[['secret'], true, 'secret']] },
  Topic: {
    make: () => new Topic() as unknown as BaseChannel,
    steps: [
      [['a', 'b'], true, ['a', 'b']],
      [['b', ['c', 'd']], true, ['b', 'c', 'd']],
      [[], true, empty],
      [[], false, empty],
    ],
  },
  'Topic, unique and accumulating': {
    make: () => new Topic({ unique: true, accumulate: true }) as unknown as BaseChannel,
    steps: [
      [['a', 'b', 'b'], true, ['a', 'b']],
      [['b'], false, ['a', 'b']],
      [['c'], true, ['a', 'b', 'c']],
    ],
  },
  NamedBarrierValue: {
    make: () => new NamedBarrierValue(new Set(['a', 'b'])) as unknown as BaseChannel,
    steps: [
      [['a'], true, empty],
      [['a'], false, empty],
      [['b'], true, undefined],
    ],
  },
}

describe.each(Object.entries(kinds))('%s', (_name, { make, steps }) => {
  test('meets writes as its kind does', () => {
    const channel = make().fromCheckpoint()
    const seen = steps.map(([write]) => [write, channel.update(write), read(channel)])
    expect(seen).toEqual(steps)
  })

  test('holds the same after it was stored and read at any point', () => {
    const prototype = make()
    const pairs: [unknown, unknown][] = []
    for (let cut = 0; cut <= steps.length; cut += 1) {
      const first = prototype.fromCheckpoint()
      for (const [write] of steps.slice(0, cut)) first.update(write)
      const second = prototype.fromCheckpoint(structuredClone(first.checkpoint()))
      if (first.isTracked && first.checkpoint() !== undefined) pairs.push([read(second), read(first)])
    }
    expect(pairs.map(([after]) => after)).toEqual(pairs.map(([, before]) => before))
  })

  test('is made anew, so that one thread does not see what another wrote', () => {
    const prototype = make()
    const first = prototype.fromCheckpoint()
    for (const [write] of steps) first.update(write)
    expect(read(prototype.fromCheckpoint())).toEqual(read(make()))
  })
})

test.each<[string, () => BaseChannel, readonly unknown[]]>([
  ['LastValue', () => new LastValue(), [1, 2]],
  ['EphemeralValue', () => new EphemeralValue(), [1, 2]],
  ['UntrackedValue', () => new UntrackedValueChannel(), [1, 2]],
  ['NamedBarrierValue', () => new NamedBarrierValue(new Set(['a'])) as unknown as BaseChannel, ['z']],
  [
    'BinaryOperatorAggregate',
    () => new BinaryOperatorAggregate(sum, () => 0) as unknown as BaseChannel,
    [new Overwrite(1), new Overwrite(2)],
  ],
])('%s refuses what it cannot meet', (_name, make, writes) => {
  expect(() => make().update(writes)).toThrow(InvalidUpdateError)
})

test('an empty channel says so', () => {
  expect(() => new LastValue().get()).toThrow(EmptyChannelError)
})

test('an untracked value is not stored', () => {
  const channel = new UntrackedValueChannel<string>()
  channel.update(['secret'])
  expect(channel.checkpoint()).toBeUndefined()
})

test('deferred channels wait for the finish and are used up by it', () => {
  for (const channel of [
    new LastValueAfterFinish(),
    new NamedBarrierValueAfterFinish(new Set<unknown>(['a'])) as unknown as BaseChannel,
  ]) {
    expect(channel.finish()).toBe(false)
    channel.update(['a'])
    expect(channel.isAvailable()).toBe(false)
    expect([channel.finish(), channel.isAvailable(), channel.finish()]).toEqual([true, true, false])
    expect([channel.consume(), channel.isAvailable(), channel.consume()]).toEqual([true, false, false])
  }
})

test('a barrier is reset when what it triggered has run', () => {
  const barrier = new NamedBarrierValue(new Set(['a']))
  barrier.update(['a'])
  expect([barrier.consume(), barrier.isAvailable()]).toEqual([true, false])
})

test('a topic stores its values alone, and reads the pair that older checkpoints have', () => {
  const topic = new Topic<string>()
  topic.update(['a', 'b'])
  expect(topic.checkpoint()).toEqual(['a', 'b'])
  expect(new Topic<string>().fromCheckpoint([[], ['c']]).get()).toEqual(['c'])
  const unique = new Topic<string>({ unique: true })
  unique.update(['a', 'a'])
  expect(unique.checkpoint()).toEqual([['a'], ['a']])
  expect(new Topic<string>({ unique: true }).fromCheckpoint(['a']).update(['a'])).toBe(true)
})
