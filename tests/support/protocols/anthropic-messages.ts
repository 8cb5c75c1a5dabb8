import { isRecord } from '../synthesize.ts'
import { countImages, numberOf, records, textOf } from './content.ts'
import { inOrder, pieces, reportedUsage } from './dialect.ts'
import type { Ask, Json, Reply, SseEvent } from './dialect.ts'

export function readMessages(body: Json): Ask {
  const messages = records(body['messages'])
  const last = messages.at(-1)
  const results = records(last?.['content']).filter(({ type }) => type === 'tool_result')
  const output = isRecord(body['output_config']) ? body['output_config'] : {}
  const format = isRecord(output['format']) ? output['format'] : body['output_format']
  return {
    model: String(body['model'] ?? ''),
    stream: body['stream'] === true,
    prompt: [textOf(body['system']), ...messages.map((message) => textOf(message['content']))].join(' '),
    lastUserText: textOf(messages.findLast(({ role }) => role === 'user')?.['content']),
    imageCount: countImages(messages),
    tools: records(body['tools'])
      .filter((tool) => isRecord(tool['input_schema']))
      .map((tool) => ({ name: String(tool['name']), schema: tool['input_schema'] })),
    toolChoice: readToolChoice(body['tool_choice']),
    toolResult:
      results.length > 0 ? textOf(results.map((result) => ({ text: textOf(result['content']) }))) : undefined,
    format:
      isRecord(format) && format['type'] === 'json_schema'
        ? { type: 'schema', schema: format['schema'] }
        : { type: 'text' },
    maxTokens: numberOf(body['max_tokens']),
  }
}

export function renderMessages(reply: Reply): Json {
  const usage = reportedUsage(reply)
  const content =
    reply.toolCalls.length > 0
      ? reply.toolCalls.map((call) => ({
          type: 'tool_use',
          id: toolId(call.id),
          name: call.name,
          input: call.arguments,
        }))
      : [{ type: 'text', text: reply.deltas.join(''), citations: null }]
  return {
    ...envelope(reply),
    content: reply.fault.choices === 'empty' ? [] : content,
    stop_reason: stopReason(reply),
    stop_sequence: null,
    ...(usage ? { usage: usageOf(usage.input, usage.output) } : {}),
  }
}

export function streamMessages(reply: Reply): SseEvent[] {
  const events: SseEvent[] = []
  const emit = (type: string, fields: Json = {}): number =>
    events.push({ name: type, data: JSON.stringify({ type, ...fields }) })
  const usage = reportedUsage(reply)
  const started = usage ? { usage: usageOf(usage.input, 1) } : {}
  emit('message_start', {
    message: { ...envelope(reply), content: [], stop_reason: null, stop_sequence: null, ...started },
  })
  if (reply.fault.unknownEvent) emit('future_event', { new: true })
  if (reply.fault.choices !== 'empty') for (const [type, fields] of blockEvents(reply)) emit(type, fields)
  if (reply.fault.finish !== 'missing') {
    const counted = usage ? { usage: { output_tokens: usage.output } } : {}
    emit('message_delta', { delta: { stop_reason: stopReason(reply), stop_sequence: null }, ...counted })
  }
  if (reply.fault.terminator !== false) emit('message_stop')
  return events
}

type BlockEvent = [type: string, fields: Json]

function blockEvents(reply: Reply): BlockEvent[] {
  if (reply.toolCalls.length === 0) {
    const deltas = reply.deltas.map((text) => ({ type: 'text_delta', text }))
    return eventsOf(0, { type: 'text', text: '', citations: null }, deltas)
  }
  const calls = reply.toolCalls.map((call, at) =>
    eventsOf(
      reply.fault.tools === 'same-index' ? 0 : at,
      { type: 'tool_use', id: toolId(call.id), name: call.name, input: {} },
      pieces(call.argumentsText).map((text) => ({ type: 'input_json_delta', partial_json: text })),
    ),
  )
  return inOrder(calls, reply.fault)
}

function eventsOf(index: number, start: Json, deltas: Json[]): BlockEvent[] {
  return [
    ['content_block_start', { index, content_block: start }],
    ...(index === 0 ? [['ping', {}] satisfies BlockEvent] : []),
    ...deltas.map((delta): BlockEvent => ['content_block_delta', { index, delta }]),
    ['content_block_stop', { index }],
  ]
}

export function messagesError(status: number, message: string): Json {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  }
  return { type: 'error', error: { type: types[status] ?? 'api_error', message }, request_id: 'req_scripted' }
}

function readToolChoice(choice: unknown): Ask['toolChoice'] {
  if (!isRecord(choice)) return 'auto'
  if (choice['type'] === 'tool') return { name: String(choice['name']) }
  if (choice['type'] === 'any') return 'required'
  return choice['type'] === 'none' ? 'none' : 'auto'
}

function envelope(reply: Reply): Json {
  const id = reply.fault.identity === 'empty' ? '' : `msg_${reply.id}`
  return { id, type: 'message', role: 'assistant', model: reply.model }
}

function toolId(id: string): string {
  return id.replace('call_', 'toolu_')
}

function stopReason(reply: Reply): string {
  if (reply.fault.finish === 'unknown') return 'finished_somehow'
  return { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use' }[reply.finish]
}

function usageOf(input: number, output: number): Json {
  return {
    input_tokens: input,
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    service_tier: 'standard',
  }
}
