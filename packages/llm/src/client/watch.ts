import type { CallRecord, AttemptPlace } from '../callbacks/record.ts'
import { isSwitchyardError } from '../errors.ts'
import { createCollector } from '../protocols/collect.ts'
import type { Answer } from '../types/answer.ts'
import type { Beginning } from '../router/index.ts'
import type { StreamEvent } from '../types/event.ts'
import type { Failure } from '../types/failure.ts'
import type { Rates } from '../types/model.ts'
import type { Usage } from '../types/usage.ts'
import { estimateTokens } from '../tokens/index.ts'

/** Where an attempt goes, and at what price. */
export interface WatchedPlace extends AttemptPlace {
  rates?: Rates | undefined
}

/** How a stream ended. */
export interface StreamEnd {
  error?: Error | undefined
  /** Whoever read it left before its end. */
  left: boolean
}

/** A stream that broke in its middle. */
export interface BrokenStream {
  readonly failure: Failure
  readonly beginning: Beginning
  /** The provider's, else our own estimate. */
  readonly usage: Usage
}

/** Keeps the record of one call while it is made. Handed down to whatever makes the attempts. */
export interface CallWatch {
  readonly record: CallRecord
  /** What the attempts of this call are made for: the deployment of a router. */
  readonly place: Pick<AttemptPlace, 'modelId' | 'modelGroup'>
  /** Whether another attempt may follow: a stream is then handed out only when its first token has come. */
  patient: boolean
  /** Finds somebody who goes on with a stream that broke; left out: it ends there. */
  goOn?: ((broken: BrokenStream) => Promise<AsyncIterable<StreamEvent> | undefined>) | undefined
  /** The text that this call is to go on with. */
  readonly beginning?: string | undefined
  /** What happens to each event of a stream on its way. */
  event?: ((event: StreamEvent) => StreamEvent | null) | undefined
  /** Told once, when the stream that was handed out is over. */
  onStreamEnd?: ((end: StreamEnd) => void) | undefined
  /** Told once, when the call is over and paid for. */
  onOver?: (() => void) | undefined
}

/** Makes one attempt and notes how it went. */
export async function watchAttempt<Result>(
  watch: CallWatch,
  place: WatchedPlace,
  nowMs: () => number,
  send: () => Promise<Result>,
): Promise<Result> {
  const startMs = nowMs()
  const { rates, ...where } = { ...place, ...watch.place }
  const attempt = { ...where, startMs }
  try {
    const result = await send()
    watch.record.attempts.push({ ...attempt, latencyMs: nowMs() - startMs })
    watch.record.served = where
    watch.record.rates = rates
    return result
  } catch (error) {
    const failure = isSwitchyardError(error) ? error.toFailure() : undefined
    watch.record.attempts.push({ ...attempt, latencyMs: nowMs() - startMs, ...(failure && { failure }) })
    throw error
  }
}

/** The usage of an answer: the provider's, else our own estimate. */
export function usageOfAnswer(answer: Answer, input: () => string): Usage {
  return answer.usage ?? estimateUsage(input(), textOfAnswer(answer))
}

export function estimateUsage(input: string, output: string): Usage {
  return { inputTokens: estimateTokens(input), outputTokens: estimateTokens(output), source: 'estimated' }
}

function textOfAnswer(answer: Answer): string {
  return answer.choices
    .flatMap(({ parts }) =>
      parts.map((part) => {
        if (part.type === 'tool-call') return part.arguments
        return 'text' in part ? part.text : ''
      }),
    )
    .join('\n')
}

/** Passes events on and notes the first token, the usage and the end. */
export async function* watchEvents(
  watch: CallWatch,
  events: AsyncIterable<StreamEvent>,
  world: { nowMs: () => number },
  input: () => string,
  render: (answer: Answer) => object,
): AsyncGenerator<StreamEvent, void, undefined> {
  const collector = createCollector()
  const { record } = watch
  const end: StreamEnd = { left: true }
  try {
    for await (const event of events) {
      if (isToken(event)) record.firstTokenMs ??= world.nowMs()
      if (event.type === 'error') record.failure = event.failure
      if (event.type === 'finish' || event.type === 'error') end.left = false
      const passed = watch.event === undefined ? event : watch.event(event)
      // A hook may leave out how a stream ends, but not what it has cost.
      if (passed !== null || !end.left) collector.push(passed ?? event)
      if (passed !== null) yield passed
    }
    end.left = false
  } catch (error) {
    end.left = false
    end.error = error instanceof Error ? error : new Error(String(error))
    throw error
  } finally {
    const answer = collector.answer()
    const failedAtOnce = (record.failure ?? end.error) !== undefined && record.firstTokenMs === undefined
    record.usage = failedAtOnce ? answer.usage : usageOfAnswer(answer, input)
    record.response = render(answer)
    watch.onStreamEnd?.(end)
  }
}

/**
 * Waits for the first token, so that a stream that fails before it is a failed attempt and no broken stream.
 *
 * @throws what the stream ends with before its first token.
 */
export async function firstToken(
  events: AsyncGenerator<StreamEvent, void, undefined>,
  failureOf: (event: Extract<StreamEvent, { type: 'error' }>) => Error,
): Promise<AsyncGenerator<StreamEvent, void, undefined>> {
  const early: StreamEvent[] = []
  for (;;) {
    const next = await events.next()
    if (next.done === true) break
    if (next.value.type === 'error') throw failureOf(next.value)
    early.push(next.value)
    if (isToken(next.value)) break
  }
  return (async function* () {
    try {
      yield* early
      yield* events
    } finally {
      await events.return()
    }
  })()
}

/** A block that has only been opened shows nothing yet. */
function isToken({ type }: StreamEvent): boolean {
  return type !== 'start' && type !== 'error' && !type.endsWith('-start')
}
