import { createFailure } from '../../errors.ts'
import type { Frame } from '../../http/frame.ts'
import type { Json, JsonObject } from '../../types/json.ts'
import { JSON_ANSWER_TOOL } from '../anthropic-messages/json-answer.ts'
import { EventWriter } from '../event-writer.ts'
import type { ParseContext, StreamParser } from '../protocol.ts'
import { argumentsText, countOf, objectOf, objectsOf, parseJson, stringOf, textOf } from '../wire.ts'
import { isServerTool, metadataOf } from './answer.ts'
import { parseCitation } from './citations.ts'
import { parseStreamFailure } from './failure.ts'
import { finishReason } from './finish.ts'
import { parseUsage } from './usage.ts'

/** A block that is passed on whole: a server tool's call or result, as it would stand in a whole answer. */
interface OpaqueBlock {
  key: 'toolUse' | 'toolResult'
  raw: JsonObject
  input: string
  content: Json[]
}

/** Reads `converse-stream`. Usage follows the stop reason, so the answer ends with `metadata` or with the body. */
export function createStreamParser(context: ParseContext): StreamParser {
  const writer = new EventWriter()
  const opaque = new Map<number, OpaqueBlock>()
  const jsonBlocks = new Set<number>()
  let jsonAnswer = false
  let calls = 0
  let stopReason: string | undefined
  let metadata: JsonObject | undefined
  let stopFields: JsonObject | undefined

  const finish = (): void => {
    if (stopReason === undefined) return
    const known = metadataOf({ ...stopFields, ...metadata })
    writer.finish({
      reason: finishReason(stopReason, jsonAnswer && calls === 0),
      rawReason: stopReason,
      usage: parseUsage(objectOf(metadata?.['usage'])),
      serviceTier: textOf(objectOf(metadata?.['serviceTier'])?.['type']),
      metadata: known,
    })
  }

  const blockStart = (index: number, start: JsonObject | undefined): void => {
    writer.endRunning()
    const toolUse = objectOf(start?.['toolUse'])
    const toolResult = objectOf(start?.['toolResult'])
    if (toolResult !== undefined) {
      opaque.set(index, { key: 'toolResult', raw: toolResult, input: '', content: [] })
    } else if (toolUse !== undefined && isServerTool(toolUse)) {
      opaque.set(index, { key: 'toolUse', raw: toolUse, input: '', content: [] })
    } else if (toolUse?.['name'] === JSON_ANSWER_TOOL) {
      jsonAnswer = true
      jsonBlocks.add(index)
    } else if (toolUse !== undefined) {
      calls += 1
      writer.toolStart(index, {
        id: textOf(toolUse['toolUseId']) ?? context.newId(),
        name: stringOf(toolUse['name']) ?? '',
      })
    }
  }

  const toolInput = (index: number, text: string): void => {
    const block = opaque.get(index)
    if (block !== undefined) block.input += text
    else if (jsonBlocks.has(index)) writer.text(text)
    else writer.toolDelta(index, text)
  }

  const blockDelta = (index: number, delta: JsonObject | undefined): void => {
    const text = textOf(delta?.['text'])
    if (text !== undefined) writer.text(text)
    const toolUse = objectOf(delta?.['toolUse'])
    if (toolUse !== undefined) toolInput(index, argumentsText(toolUse['input']))
    opaque.get(index)?.content.push(...objectsOf(delta?.['toolResult']))
    const reasoning = objectOf(delta?.['reasoningContent'])
    if (reasoning !== undefined) reasoningDelta(writer, reasoning)
    const citation = objectOf(delta?.['citation'])
    if (citation !== undefined) writer.annotation(parseCitation(citation))
  }

  const blockStop = (index: number): void => {
    const block = opaque.get(index)
    opaque.delete(index)
    jsonBlocks.delete(index)
    writer.endRunning()
    writer.toolEnd(index)
    if (block === undefined) return
    const filled =
      block.key === 'toolUse' ? { input: parseJson(block.input) ?? block.input } : { content: block.content }
    const kind = block.key === 'toolUse' ? 'server_tool_use' : 'toolResult'
    writer.part({
      type: 'opaque',
      protocol: 'bedrock-converse',
      kind,
      raw: { [block.key]: { ...block.raw, ...filled } },
    })
  }

  const read = (frame: Frame): void => {
    if (frame.kind === 'exception' || frame.kind === 'error') {
      writer.error(parseStreamFailure(frame, context), parseUsage(objectOf(metadata?.['usage'])))
      return
    }
    const body = objectOf(parseJson(frame.data))
    if (body === undefined) return
    const index = countOf(body['contentBlockIndex']) ?? 0
    switch (frame.event) {
      case 'messageStart':
        writer.start({ id: '', model: '' })
        return
      case 'contentBlockStart':
        blockStart(index, objectOf(body['start']))
        return
      case 'contentBlockDelta':
        blockDelta(index, objectOf(body['delta']))
        return
      case 'contentBlockStop':
        blockStop(index)
        return
      case 'messageStop':
        stopReason = textOf(body['stopReason']) ?? 'end_turn'
        stopFields = body
        return
      case 'metadata':
        metadata = body
        finish()
    }
  }

  return {
    push: (frame) => {
      if (!writer.done) read(frame)
      return writer.take()
    },
    end: () => {
      if (!writer.done) finish()
      if (!writer.done)
        writer.error(
          createFailure({
            code: 'stream_interrupted',
            message: `${context.provider}: the stream ended before the answer was whole.`,
            provider: context.provider,
            model: context.model,
          }),
          parseUsage(objectOf(metadata?.['usage'])),
        )
      return writer.take()
    },
  }
}

function reasoningDelta(writer: EventWriter, reasoning: JsonObject): void {
  const text = textOf(reasoning['text'])
  if (text !== undefined) writer.reasoning(text)
  const signature = textOf(reasoning['signature'])
  if (signature !== undefined) writer.reasoningProof({ signature })
  const redacted = textOf(reasoning['redactedContent'])
  if (redacted !== undefined) writer.reasoningProof({ redacted })
}
