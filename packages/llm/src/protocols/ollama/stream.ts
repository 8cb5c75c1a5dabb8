import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { JsonObject } from '../../types/json.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { objectOf, parseJson, textOf } from '../wire.ts'
import { createdS, logprobsOf, parsePiece } from './answer.ts'
import { parseStreamFailure } from './failure.ts'
import { parseFinish } from './finish.ts'
import { parseTimings, parseUsage } from './usage.ts'

/** Reads a line a piece; the line with `done: true` makes the answer whole. Tool calls come whole. */
export function createStreamParser(context: ParseContext): StreamParser {
  const writer = new EventWriter()
  let calls = 0

  const read = (line: JsonObject): void => {
    const failure = parseStreamFailure(line, context)
    if (failure !== undefined) {
      writer.error(failure, parseUsage(line))
      return
    }
    writer.start({ id: '', model: textOf(line['model']) ?? '', createdS: createdS(line) })
    const piece = parsePiece(line, context)
    if (piece.thinking !== undefined) writer.reasoning(piece.thinking)
    if (piece.text !== undefined) writer.text(piece.text)
    for (const call of piece.calls) {
      const key = calls++
      writer.toolStart(key, { id: call.id, name: call.name })
      writer.toolDelta(key, call.arguments)
      writer.toolEnd(key)
    }
    const logprobs = logprobsOf(line)
    if (logprobs !== undefined) writer.write({ type: 'logprobs', logprobs })
    if (line['done'] !== true) return
    const finish = parseFinish(textOf(line['done_reason']), calls > 0)
    writer.finish({ ...finish, usage: parseUsage(line), metadata: parseTimings(line) })
  }

  return {
    push: (frame: Frame) => {
      const line = writer.done ? undefined : objectOf(parseJson(frame.data))
      if (line !== undefined) read(line)
      return writer.take()
    },
    end: () => {
      if (!writer.done)
        writer.error(
          createFailure({
            code: 'stream_interrupted',
            message: `${context.provider}: the stream ended before the answer was whole.`,
            provider: context.provider,
            model: context.model,
          }),
        )
      return writer.take()
    },
  }
}
