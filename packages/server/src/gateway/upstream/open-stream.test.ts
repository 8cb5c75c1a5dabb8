import { dialects, isSwitchyardError, TransportError } from '@switchyard/llm/kit'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FakeUpstream, planOf } from '../testing/services.ts'
import type { FakeCall } from '../testing/services.ts'
import { chatStream, parse, wire } from '../testing/streams.ts'
import { openStream } from './open-stream.ts'
import type { OpenStream, StreamOutlet } from './open-stream.ts'
import { relayStream } from './relay-stream.ts'

const sse = { 'content-type': 'text/event-stream' }
const [role = '', first = '', ...rest] = chatStream.events

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Lets what has arrived be taken. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

interface Opened {
  call: FakeCall
  /** The stream, or the failure's reason or code. */
  outcome: Promise<OpenStream | string>
}

function open(wholeAnswer: (body: Buffer) => string = () => 'whole'): Opened {
  const upstream = new FakeUpstream()
  const converter = relayStream({
    dialect: dialects['openai-chat'],
    parse,
    hidesUsage: false,
    requestId: 'call-1',
  })
  const watch = { running: () => {}, settled: () => {} }
  const outcome = openStream(upstream, planOf('http://acme.test'), converter, wholeAnswer, watch).catch(
    (error: unknown) => {
      if (!isSwitchyardError(error)) throw error
      return error.reason ?? error.code
    },
  )
  return { call: upstream.last, outcome }
}

function sink(room = true): StreamOutlet & { text: string; ended: boolean } {
  return {
    text: '',
    ended: false,
    write(bytes) {
      this.text += bytes.toString()
      return room
    },
    end() {
      this.ended = true
    },
  }
}

async function streamOf(outcome: Opened['outcome']): Promise<OpenStream> {
  const stream = await outcome
  if (typeof stream === 'string') throw new Error(stream)
  return stream
}

test('a stream is there once it says something; nothing of it is lost', async () => {
  const { call, outcome } = open()
  let settled = false
  void outcome.then(() => (settled = true))
  call.head(200, sse).data(wire([role]))
  await turn()
  expect(settled).toBe(false)
  call.data(wire([first]))
  const stream = await streamOf(outcome)
  const outlet = sink()
  stream.pipe(outlet)
  expect(outlet.text).toBe(wire([role, first]).toString())
  call.data(wire(rest))
  call.end()
  await turn()
  expect(outlet).toMatchObject({ text: wire(chatStream.events).toString(), ended: true })
  expect(stream.headers).toEqual(sse)
})

test('a stream that only began is there after a while', async () => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire([role]))
  await turn()
  vi.advanceTimersByTime(10_000)
  expect((await streamOf(outcome)).converter.opened).toBe(false)
})

test('a stream that is over before anybody looks', async () => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire(chatStream.events))
  call.end()
  const outlet = sink()
  ;(await streamOf(outcome)).pipe(outlet)
  expect(outlet).toMatchObject({ text: wire(chatStream.events).toString(), ended: true })
})

describe('fails before it says anything', () => {
  test.each<[string, (call: FakeCall) => void, string]>([
    ['refused', (call) => call.answer(429, '{"error":{"message":"slow down"}}'), 'rate_limit'],
    ['redirected', (call) => call.answer(302, '', { location: 'http://evil' }), 'upstream_redirect_refused'],
    ['not reached', (call) => call.fail(new TransportError('connect_refused', 'x')), 'upstream_unavailable'],
    [
      'cut',
      (call) => call.head(200, sse).fail(new TransportError('truncated', 'x')),
      'upstream_stream_interrupted',
    ],
    ['empty', (call) => call.head(200, sse).end(), 'upstream_stream_interrupted'],
    ['an error first', (call) => call.answer(200, 'data: {"error":{"message":"x"}}\n\n', sse), 'internal'],
    [
      'a page',
      (call) => call.answer(200, '<html>', { 'content-type': 'text/html' }),
      'upstream_invalid_content_type',
    ],
    [
      'text',
      (call) => call.answer(200, 'hi', { 'content-type': 'text/plain' }),
      'upstream_invalid_content_type',
    ],
    ['no JSON', (call) => call.answer(200, '{"a":'), 'upstream_invalid_response'],
    ['nothing', (call) => call.answer(204, ''), 'upstream_invalid_response'],
  ])('%s', async (_name, answer, expected) => {
    const { call, outcome } = open()
    answer(call)
    expect(await outcome).toBe(expected)
  })

  test('more than it may weigh', async () => {
    const { call, outcome } = open()
    call.head(200)
    for (let megabytes = 0; megabytes < 17; megabytes++) call.data(Buffer.alloc(1024 * 1024))
    expect(await outcome).toBe('upstream_response_too_large')
    expect(call.aborted).toBe(true)
  })
})

test('a whole answer from who does not stream becomes one', async () => {
  const { call, outcome } = open((body) => `data: ${body.toString()}\n\n`)
  call.answer(200, '{"choices":[]}')
  const outlet = sink()
  ;(await streamOf(outcome)).pipe(outlet)
  expect(outlet).toMatchObject({ text: 'data: {"choices":[]}\n\n', ended: true })
})

test.each([
  ['truncated', 'stream_interrupted'],
  ['idle_timeout', 'timeout'],
] as const)('a failure after the first content (%s) is part of the stream', async (kind, code) => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire([role, first]))
  const stream = await streamOf(outcome)
  const outlet = sink()
  stream.pipe(outlet)
  call.fail(new TransportError(kind, 'http://acme.test'))
  expect(outlet.text).toContain('"error"')
  expect(outlet.text).not.toContain('[DONE]')
  expect(outlet.ended).toBe(true)
  expect(stream.converter.facts.failure?.code).toBe(code)
})

test('a client that takes its time holds the provider back', async () => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire([role, first]))
  const stream = await streamOf(outcome)
  stream.pipe(sink(false))
  call.data(wire(rest.slice(0, 1)))
  await turn()
  expect(call.paused).toBe(1)
  stream.resume()
  expect(call.resumed).toBe(1)
})

test('given up, it ends at once and says nothing more', async () => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire([role, first]))
  const stream = await streamOf(outcome)
  const outlet = sink()
  stream.pipe(outlet)
  stream.abort()
  expect(call.aborted).toBe(true)
  expect(outlet.text).toBe(wire([role, first]).toString())
  expect(stream.converter.facts.failure?.code).toBe('aborted')
})

test('an error event ends the call', async () => {
  const { call, outcome } = open()
  call.head(200, sse).data(wire([role, first]))
  const stream = await streamOf(outcome)
  const outlet = sink()
  stream.pipe(outlet)
  call.data(wire(['data: {"error":{"message":"boom"}}']))
  await turn()
  expect(call.aborted).toBe(true)
  expect(outlet.ended).toBe(true)
})
