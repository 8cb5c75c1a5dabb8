import { isRecord } from '../synthesize.ts'
import { countImages, numberOf, records, textOf } from './content.ts'
import { inOrder, pieces, reportedUsage } from './dialect.ts'
import type { Ask, Json, Reply, SseEvent } from './dialect.ts'

export function readChat(body: Json): Ask {
  const messages = records(body['messages'])
  const last = messages.at(-1)
  return {
    model: String(body['model'] ?? ''),
    stream: body['stream'] === true,
    prompt: messages.map((message) => textOf(message['content'])).join(' '),
    lastUserText: textOf(messages.findLast(({ role }) => role === 'user')?.['content']),
    imageCount: countImages(messages),
    tools: records(body['tools'])
      .map((tool) => tool['function'])
      .filter(isRecord)
      .map((tool) => ({ name: String(tool['name']), schema: tool['parameters'] ?? { type: 'object' } })),
    toolChoice: readToolChoice(body['tool_choice']),
    toolResult: last?.['role'] === 'tool' ? textOf(last['content']) : undefined,
    format: readFormat(body['response_format']),
    maxTokens: numberOf(body['max_completion_tokens']) ?? numberOf(body['max_tokens']),
  }
}

export function renderChat(reply: Reply, body: Json): Json {
  const message: Json = {
    role: 'assistant',
    content: reply.toolCalls.length > 0 ? null : reply.deltas.join(''),
    refusal: null,
  }
  if (reply.toolCalls.length > 0) {
    const asObject = reply.fault.tools === 'object-arguments'
    message['tool_calls'] = reply.toolCalls.map((call) => ({
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: asObject ? call.arguments : call.argumentsText },
    }))
  }
  const choices = Array.from({ length: numberOf(body['n']) ?? 1 }, (_, index) => ({
    index,
    message,
    logprobs: null,
    finish_reason: finishReason(reply),
  }))
  return {
    ...envelope(reply, 'chat.completion'),
    choices: reply.fault.choices === 'empty' ? [] : choices,
    ...usageField(reply),
  }
}

export function streamChat(reply: Reply, body: Json): SseEvent[] {
  const options = isRecord(body['stream_options']) ? body['stream_options'] : {}
  const events: SseEvent[] = []
  const emit = (chunk: Json): number =>
    events.push({ data: JSON.stringify({ ...envelope(reply, 'chat.completion.chunk'), ...chunk }) })
  const count = reply.fault.choices === 'empty' ? 0 : (numberOf(body['n']) ?? 1)
  for (let index = 0; index < count; index++) {
    const delta = (value: Json, finish: string | null = null): number =>
      emit({
        choices: [{ index, delta: value, logprobs: null, finish_reason: finish }],
        ...(reply.fault.usage === 'changing' ? usageField(reply, events.length) : {}),
      })
    delta({ role: 'assistant', content: reply.toolCalls.length > 0 ? null : '', refusal: null })
    if (reply.fault.unknownEvent)
      events.push({ name: 'future.event', data: '{"object":"future.thing","new":true}' })
    for (const content of reply.deltas) delta({ content })
    for (const toolCall of toolDeltas(reply)) delta({ tool_calls: [toolCall] })
    if (reply.fault.finish !== 'missing') delta({}, finishReason(reply))
  }
  if (count === 0) emit({ choices: [] })
  if (options['include_usage'] === true && reply.fault.finish !== 'missing')
    emit({ choices: [], ...usageField(reply) })
  if (reply.fault.terminator !== false) events.push({ data: '[DONE]' })
  return events
}

function toolDeltas(reply: Reply): Json[] {
  const calls = reply.toolCalls.map((call, at): Json[] => {
    const index = reply.fault.tools === 'same-index' ? 0 : at
    const first = { index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }
    if (reply.fault.tools === 'object-arguments') {
      return [{ ...first, function: { name: call.name, arguments: call.arguments } }]
    }
    return [first, ...pieces(call.argumentsText).map((text) => ({ index, function: { arguments: text } }))]
  })
  return inOrder(calls, reply.fault)
}

export function chatError(status: number, message: string): Json {
  const types: Record<number, string> = {
    401: 'invalid_request_error',
    429: 'rate_limit_error',
    400: 'invalid_request_error',
    404: 'invalid_request_error',
  }
  const codes: Record<number, string> = {
    401: 'invalid_api_key',
    429: 'rate_limit_exceeded',
    404: 'model_not_found',
  }
  return {
    error: { message, type: types[status] ?? 'server_error', param: null, code: codes[status] ?? null },
  }
}

export function readToolChoice(choice: unknown): Ask['toolChoice'] {
  if (choice === 'none' || choice === 'required') return choice
  if (!isRecord(choice)) return 'auto'
  const named = isRecord(choice['function']) ? choice['function']['name'] : choice['name']
  return typeof named === 'string' ? { name: named } : 'auto'
}

function readFormat(format: unknown): Ask['format'] {
  if (!isRecord(format)) return { type: 'text' }
  if (format['type'] === 'json_object') return { type: 'json' }
  if (format['type'] !== 'json_schema') return { type: 'text' }
  const named = isRecord(format['json_schema']) ? format['json_schema'] : {}
  return { type: 'schema', schema: named['schema'] }
}

function envelope(reply: Reply, object: string): Json {
  const id = reply.fault.identity === 'empty' ? '' : `chatcmpl-${reply.id}`
  return { id, object, created: reply.created, model: reply.model, system_fingerprint: 'fp_scripted' }
}

function finishReason(reply: Reply): string {
  return reply.fault.finish === 'unknown' ? 'finished_somehow' : reply.finish
}

function usageField(reply: Reply, outputSoFar?: number): Json {
  const usage = reportedUsage(reply)
  if (!usage) return {}
  const output = outputSoFar ?? usage.output
  return {
    usage: {
      prompt_tokens: usage.input,
      completion_tokens: output,
      total_tokens: usage.input + output,
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
  }
}

/** The older text completion, of the same reply. */
export function readCompletion(body: Json): Ask {
  const prompt = Array.isArray(body['prompt']) ? body['prompt'].join(' ') : String(body['prompt'] ?? '')
  return readChat({ ...body, messages: [{ role: 'user', content: prompt }] })
}

export function renderCompletion(reply: Reply): Json {
  const choice = { index: 0, text: reply.deltas.join(''), logprobs: null, finish_reason: finishReason(reply) }
  return { ...envelope(reply, 'text_completion'), choices: [choice], ...usageField(reply) }
}

export function streamCompletion(reply: Reply, body: Json): SseEvent[] {
  const options = isRecord(body['stream_options']) ? body['stream_options'] : {}
  const chunk = (fields: Json): SseEvent => ({
    data: JSON.stringify({ ...envelope(reply, 'text_completion'), ...fields }),
  })
  const choice = (text: string, finish: string | null): Json => ({
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  })
  const events = reply.deltas.map((text) => chunk(choice(text, null)))
  if (reply.fault.finish !== 'missing') events.push(chunk(choice('', finishReason(reply))))
  if (options['include_usage'] === true) events.push(chunk({ choices: [], ...usageField(reply) }))
  if (reply.fault.terminator !== false) events.push({ data: '[DONE]' })
  return events
}
