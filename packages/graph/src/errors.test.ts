import { expect, test } from 'vitest'
import {
  GRAPH_FAILURES,
  GraphDrained,
  GraphInterrupt,
  GraphRecursionError,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isNodeError,
  isNodeTimeoutError,
  isParentCommand,
  NodeError,
  NodeInterrupt,
  NodeTimeoutError,
  ParentCommand,
  toError,
} from './errors.ts'
import { Command } from './control.ts'

test('a failure with a code ends with what to do about it', () => {
  const error = new GraphRecursionError('Too far.', { lc_error_code: 'GRAPH_RECURSION_LIMIT' })
  expect(error.message).toContain('Too far.')
  expect(error.message).toContain(GRAPH_FAILURES.GRAPH_RECURSION_LIMIT)
  expect([error.code, error.lc_error_code]).toEqual(['GRAPH_RECURSION_LIMIT', 'GRAPH_RECURSION_LIMIT'])
})

const timedOut = new NodeTimeoutError({ node: 'a', kind: 'idle', elapsed: 7, idleTimeout: 5 })
test.each<[string, unknown, readonly boolean[]]>([
  ['a pause', new GraphInterrupt([{ id: 'i', value: 1 }]), [true, true, false, false, false]],
  ['an older pause', new NodeInterrupt('why'), [true, true, false, false, false]],
  ['a command for the parent', new ParentCommand(new Command({})), [true, false, true, false, false]],
  ['a drained run', new GraphDrained('deploy'), [true, false, false, true, false]],
  ['a time-out', timedOut, [false, false, false, false, true]],
  ['an error', new Error('x'), [false, false, false, false, false]],
  ['nothing', undefined, [false, false, false, false, false]],
])('what %s is', (_name, thrown, expected) => {
  const guards = [isGraphBubbleUp, isGraphInterrupt, isParentCommand, isGraphDrained, isNodeTimeoutError]
  expect(guards.map((guard) => guard(thrown))).toEqual(expected)
})

test('a time-out says which limit it was, and a limit must be given', () => {
  expect(timedOut.message).toBe(
    'Node "a" exceeded its idle timeout of 5ms without making progress (elapsed: 7ms).',
  )
  expect(() => new NodeTimeoutError({ node: 'a', kind: 'run', elapsed: 7 })).toThrow('runTimeout is required')
})

test('whatever was thrown becomes an error', () => {
  expect(toError('text').message).toBe('text')
  expect(toError(undefined).message).toBe('undefined')
  const foreign = { name: 'AbortError', message: 'gone' }
  expect(toError(foreign)).toBe(foreign)
})

test('an error handler’s argument is known by its class name', () => {
  expect(isNodeError(new NodeError('a', new Error('x')))).toBe(true)
  expect(isNodeError(new Error('x'))).toBe(false)
})
