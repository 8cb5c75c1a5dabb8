import type { GatewayAnswer, StreamGatewayAnswer, WholeGatewayAnswer } from '../answer.ts'
import type { LlmCall } from '../call.ts'
import type { Exchange } from '../exchange.ts'
import { wasCut } from './convert.ts'
import type { StoredAnswer } from './stored-answer.ts'

export interface Keeper {
  /** Characters of the longest answer worth keeping. */
  readonly maxLength: number
  readonly exchange: Exchange
  readonly call: LlmCall
  /** The answer came to its end and may be given again. */
  readonly onWhole: (stored: StoredAnswer) => void
  /** It failed, was cut, is too long, or its end is its client's alone. Called once at most, and not after `onWhole`. */
  readonly onUnfit: () => void
}

/** The same answer, which is told of when all of it has been given out. */
export function keeping(answer: GatewayAnswer, keeper: Keeper): GatewayAnswer {
  if (answer.type === 'stream') return keepingStream(answer, keeper)
  offer(storedWhole(answer, keeper), keeper)
  return answer
}

function storedWhole(answer: WholeGatewayAnswer, { exchange }: Keeper): StoredAnswer {
  const { body, usage, model, id } = answer
  return {
    form: 'whole',
    body: body.toString(),
    tellsUsage: true,
    usage,
    model,
    id,
    provider: providerOf(exchange),
  }
}

function offer(stored: StoredAnswer, { maxLength, call, onWhole, onUnfit }: Keeper): void {
  // What the caller's own budget made short is not what others asked for.
  if (stored.body.length > maxLength || (call.boundTokens !== undefined && wasCut(stored, call))) onUnfit()
  else onWhole(stored)
}

function keepingStream(answer: StreamGatewayAnswer, keeper: Keeper): StreamGatewayAnswer {
  const { stream } = answer
  const { exchange, call, maxLength } = keeper
  const pieces: Buffer[] = []
  let length = 0
  /** What was offered last; a few bytes may follow a whole answer. */
  let offered = -1
  let isOver = false

  const collect = (piece: Buffer | string): void => {
    if (length > maxLength) return
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece
    length += bytes.length
    if (length <= maxLength) pieces.push(bytes)
    else pieces.length = 0
  }

  const look = (): void => {
    const { complete, done, facts } = stream.converter
    if (isOver || offered === length || facts.failure !== undefined || !(complete || done)) return
    offered = length
    const { usage, model, id } = facts
    // What two models have said together is nobody's answer.
    const isOwn = exchange.receipt.continued === undefined
    const body = length > maxLength || !isOwn ? undefined : Buffer.concat(pieces).toString()
    if (body === undefined) keeper.onUnfit()
    else
      offer(
        {
          form: 'stream',
          body,
          tellsUsage: call.wantsUsage,
          usage,
          model,
          id,
          provider: providerOf(exchange),
        },
        keeper,
      )
  }

  return {
    ...answer,
    stream: {
      headers: stream.headers,
      converter: stream.converter,
      pipe: (outlet) => {
        stream.pipe({
          write: (piece) => {
            collect(piece)
            // Before the client has the end of it: they may ask again at once.
            look()
            return exchange.response.destroyed || outlet.write(piece)
          },
          end: () => {
            look()
            isOver = true
            if (offered < 0) keeper.onUnfit()
            outlet.end()
          },
        })
      },
      resume: () => stream.resume(),
      abort: () => {
        if (!isOver && offered < 0) keeper.onUnfit()
        isOver = true
        stream.abort()
      },
    },
  }
}

function providerOf({ receipt }: Exchange): string | undefined {
  const place = receipt.deployment?.place
  if (place === undefined) return undefined
  return place.type === 'provider' ? place.resolved.provider.id : place.type
}
