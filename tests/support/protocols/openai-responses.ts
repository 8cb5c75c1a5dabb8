import { isRecord } from '../synthesize.ts'
import { countImages, numberOf, records, textOf } from './content.ts'
import { pieces, reportedUsage } from './dialect.ts'
import type { Ask, Json, Reply, SseEvent } from './dialect.ts'
import { readToolChoice } from './openai-chat.ts'

export function readResponses(body: Json): Ask {
  const input =
    typeof body['input'] === 'string' ? [{ role: 'user', content: body['input'] }] : records(body['input'])
  const last = input.at(-1)
  const text = isRecord(body['text']) && isRecord(body['text']['format']) ? body['text']['format'] : {}
  return {
    model: String(body['model'] ?? ''),
    stream: body['stream'] === true,
    prompt: [
      textOf(body['instructions']),
      ...input.map((item) => textOf(item['content'] ?? item['output'])),
    ].join(' '),
    lastUserText: textOf(input.findLast(({ role }) => role === 'user')?.['content']),
    imageCount: countImages(input),
    tools: records(body['tools'])
      .filter(({ type }) => type === 'function')
      .map((tool) => ({ name: String(tool['name']), schema: tool['parameters'] ?? { type: 'object' } })),
    toolChoice: readToolChoice(body['tool_choice']),
    toolResult: last?.['type'] === 'function_call_output' ? textOf(last['output']) : undefined,
    format:
      text['type'] === 'json_schema'
        ? { type: 'schema', schema: text['schema'] }
        : { type: text['type'] === 'json_object' ? 'json' : 'text' },
    maxTokens: numberOf(body['max_output_tokens']),
  }
}

/** `owner` is written into encrypted reasoning, which only the same owner accepts back. */
export function renderResponses(reply: Reply, body: Json, owner: string): Json {
  const status = reply.finish === 'length' ? 'incomplete' : 'completed'
  return envelope(reply, body, status, reply.fault.choices === 'empty' ? [] : outputItems(reply, owner))
}

export function streamResponses(reply: Reply, body: Json, owner: string): SseEvent[] {
  const events: SseEvent[] = []
  const emit = (type: string, fields: Json): number =>
    events.push({ name: type, data: JSON.stringify({ type, sequence_number: events.length, ...fields }) })
  const opened = envelope(reply, body, 'in_progress', [])
  emit('response.created', { response: opened })
  emit('response.in_progress', { response: opened })
  if (reply.fault.unknownEvent) emit('response.future_event', { new: true })
  const items = reply.fault.choices === 'empty' ? [] : outputItems(reply, owner)
  for (const [output_index, item] of items.entries()) {
    const place = { item_id: item['id'], output_index }
    emit('response.output_item.added', {
      output_index,
      item: { ...item, status: 'in_progress', ...emptied(item) },
    })
    if (item['type'] === 'message') {
      const text = reply.deltas.join('')
      const part = { type: 'output_text', text: '', annotations: [], logprobs: [] }
      emit('response.content_part.added', { ...place, content_index: 0, part })
      for (const delta of reply.deltas)
        emit('response.output_text.delta', { ...place, content_index: 0, delta, logprobs: [] })
      emit('response.output_text.done', { ...place, content_index: 0, text, logprobs: [] })
      emit('response.content_part.done', { ...place, content_index: 0, part: { ...part, text } })
    }
    if (item['type'] === 'function_call') {
      const text = String(item['arguments'])
      for (const delta of pieces(text)) emit('response.function_call_arguments.delta', { ...place, delta })
      emit('response.function_call_arguments.done', { ...place, arguments: text, name: item['name'] })
    }
    emit('response.output_item.done', { output_index, item })
  }
  if (reply.fault.finish !== 'missing' && reply.fault.terminator !== false) {
    const status = reply.finish === 'length' ? 'incomplete' : 'completed'
    emit(`response.${status}`, { response: envelope(reply, body, status, items) })
  }
  return events
}

function outputItems(reply: Reply, owner: string): Json[] {
  const reasoning = reply.fault.encryptedReasoning
    ? [{ type: 'reasoning', id: `rs_${reply.id}`, summary: [], encrypted_content: `${owner}:${reply.id}` }]
    : []
  const calls = reply.toolCalls.map((call) => ({
    type: 'function_call',
    id: `fc_${call.id}`,
    call_id: call.id,
    name: call.name,
    arguments: call.argumentsText,
    status: 'completed',
  }))
  if (calls.length > 0) return [...reasoning, ...calls]
  const part = { type: 'output_text', text: reply.deltas.join(''), annotations: [], logprobs: [] }
  const status = reply.finish === 'length' ? 'incomplete' : 'completed'
  return [
    ...reasoning,
    { type: 'message', id: `msg_${reply.id}`, role: 'assistant', status, content: [part] },
  ]
}

function emptied(item: Json): Json {
  if (item['type'] === 'message') return { content: [] }
  return item['type'] === 'function_call' ? { arguments: '' } : {}
}

function envelope(reply: Reply, body: Json, status: string, output: Json[]): Json {
  const usage = status === 'in_progress' ? undefined : reportedUsage(reply)
  return {
    id: reply.fault.identity === 'empty' ? '' : `resp_${reply.id}`,
    object: 'response',
    created_at: reply.created,
    status,
    error: null,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: body['instructions'] ?? null,
    max_output_tokens: body['max_output_tokens'] ?? null,
    metadata: body['metadata'] ?? {},
    model: reply.model,
    output,
    parallel_tool_calls: body['parallel_tool_calls'] ?? true,
    previous_response_id: body['previous_response_id'] ?? null,
    store: body['store'] ?? true,
    temperature: body['temperature'] ?? 1,
    text: body['text'] ?? { format: { type: 'text' } },
    tool_choice: body['tool_choice'] ?? 'auto',
    tools: body['tools'] ?? [],
    top_p: body['top_p'] ?? 1,
    truncation: 'disabled',
    usage: usage
      ? {
          input_tokens: usage.input,
          input_tokens_details: { cached_tokens: 0 },
          output_tokens: usage.output,
          output_tokens_details: { reasoning_tokens: 0 },
          total_tokens: usage.input + usage.output,
        }
      : null,
  }
}
