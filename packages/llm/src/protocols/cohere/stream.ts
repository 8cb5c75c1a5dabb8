import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { FailureCode } from '../../types/failure.ts'
import type { JsonObject } from '../../types/json.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { scrub } from '../scrub.ts'
import { argumentsText, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { withoutNull } from './answer.ts'
import { citesText, parseCitation } from './citations.ts'
import { finishReason } from './finish.ts'
import { parseLogprobs } from './logprobs.ts'
import { toolPlanPart } from './tool-plan.ts'
import { parseUsage } from './usage.ts'

/** Reads the events of `/v2/chat`; `message-end` makes the answer whole. */
export function createStreamParser(context: ParseContext): StreamParser {
  const writer = new EventWriter()
  let plan = ''

  const writePlan = (): void => {
    if (plan !== '') writer.part(toolPlanPart(plan))
    plan = ''
  }

  const fail = (code: FailureCode, words: string): void => {
    const { provider, model } = context
    writer.error(createFailure({ code, message: `${provider}: ${scrub(words)}`, provider, model }))
  }

  const content = (block: JsonObject | undefined): void => {
    const thinking = textOf(block?.['thinking'])
    if (thinking !== undefined) writer.reasoning(thinking)
    const text = textOf(block?.['text'])
    if (text !== undefined) writer.text(text)
  }

  const toolStart = (index: number, call: JsonObject | undefined): void => {
    writePlan()
    const definition = objectOf(call?.['function'])
    writer.toolStart(index, {
      id: textOf(call?.['id']) ?? context.newId(),
      name: stringOf(definition?.['name']) ?? '',
    })
    writer.toolDelta(index, withoutNull(argumentsText(definition?.['arguments'])))
  }

  const messageEnd = (delta: JsonObject | undefined): void => {
    writePlan()
    const words = textOf(delta?.['error'])
    if (words !== undefined) {
      fail('internal', words)
      return
    }
    const rawReason = textOf(delta?.['finish_reason'])
    const reason = rawReason === undefined ? 'stop' : finishReason(rawReason)
    writer.finish({ reason, rawReason, usage: parseUsage(objectOf(delta?.['usage'])) })
  }

  const read = (event: JsonObject): void => {
    const index = countOf(event['index']) ?? 0
    const delta = objectOf(event['delta'])
    const message = objectOf(delta?.['message'])
    switch (stringOf(event['type'])) {
      case 'message-start':
        writer.start({ id: textOf(event['id']) ?? '', model: '' })
        return
      case 'content-start':
        writer.endRunning()
        content(objectOf(message?.['content']))
        return
      case 'content-delta': {
        content(objectOf(message?.['content']))
        const logprobs = parseLogprobs(event['logprobs'])
        if (logprobs !== undefined) writer.write({ type: 'logprobs', logprobs })
        return
      }
      case 'content-end':
        writer.endRunning()
        return
      case 'tool-plan-delta':
        plan += stringOf(message?.['tool_plan']) ?? ''
        return
      case 'tool-call-start':
        toolStart(index, objectOf(message?.['tool_calls']))
        return
      case 'tool-call-delta': {
        const definition = objectOf(objectOf(message?.['tool_calls'])?.['function'])
        writer.toolDelta(index, withoutNull(argumentsText(definition?.['arguments'])))
        return
      }
      case 'tool-call-end':
        writer.toolEnd(index)
        return
      case 'citation-start':
        for (const citation of objectsOf([message?.['citations'] ?? null].flat()))
          if (citesText(citation))
            for (const annotation of parseCitation(citation)) writer.annotation(annotation)
        return
      case 'message-end':
        messageEnd(delta)
        return
      default: {
        const words = textOf(event['message']) ?? textOf(event['error'])
        if (words !== undefined && delta === undefined) fail('internal', words)
      }
    }
  }

  return {
    push: (frame: Frame) => {
      const event = writer.done ? undefined : objectOf(parseJson(frame.data))
      if (event !== undefined) read(event)
      return writer.take()
    },
    end: () => {
      if (!writer.done) fail('stream_interrupted', 'the stream ended before the answer was whole.')
      return writer.take()
    },
  }
}
