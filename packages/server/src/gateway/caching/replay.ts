import type { CacheEntry } from '@switchyard/llm/kit'
import type { Services } from '../../services.ts'
import type { GatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import type { OpenStream, WholeStream } from '../upstream/open-stream.ts'
import type { StreamConverter } from '../upstream/stream-converter.ts'
import { streamOf, textIn, wholeOf } from './convert.ts'
import { decodeAnswer, suits } from './stored-answer.ts'
import type { ReadAnswer } from './stored-answer.ts'

/** A kept answer as the client wants it; `undefined` for an entry that is none. Says in the receipt that it is one. */
export function replay(
  entry: CacheEntry,
  key: string,
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): GatewayAnswer | undefined {
  const stored = decodeAnswer(entry)
  if (stored === undefined) return undefined
  const bytes = bytesFor(stored, exchange, call, services)
  if (bytes === undefined) return undefined
  exchange.receipt.cache = { key, hit: true, provider: stored.provider }
  const { usage, model, id } = stored
  const text = bytes === stored.bytes ? stored.text : undefined
  return call.stream
    ? { type: 'stream', url: '', providerHeaders: {}, stream: streamAtOnce({ bytes, text }, stored, call) }
    : { type: 'whole', url: '', providerHeaders: {}, body: bytes, text, usage, model, id }
}

/** What cannot be read any more is as good as not there. */
function bytesFor(
  stored: ReadAnswer,
  exchange: Exchange,
  call: LlmCall,
  services: Services,
): Buffer | undefined {
  if (suits(stored, call)) return stored.bytes
  try {
    return call.stream
      ? streamOf(stored, exchange, call, services)
      : wholeOf(stored, exchange, call, services).body
  } catch (error) {
    services.log.warn({ id: exchange.id, error }, 'a cached answer could not be read')
    return undefined
  }
}

/** All of a stream, in one piece. */
function streamAtOnce(whole: WholeStream, stored: ReadAnswer, call: LlmCall): OpenStream {
  const { usage, model, id } = stored
  const converter: StreamConverter = {
    push: () => '',
    end: () => '',
    fail: () => '',
    opened: true,
    done: true,
    complete: true,
    facts: { usage, model, id, deliveredText: () => textIn(stored, call) },
  }
  return {
    headers: {},
    converter,
    whole,
    pipe: (outlet) => {
      outlet.write(whole.bytes)
      outlet.end()
    },
    resume: () => undefined,
    abort: () => undefined,
  }
}
