/** A tool call with its arguments read. */
export interface ToolCall {
  /** Absent only where a program wrote the message itself and gave none. */
  readonly id: string | undefined
  readonly name: string
  readonly args: unknown
}

/** A tool call whose arguments are not JSON: the model was cut off, or wrote it wrong. */
export interface InvalidToolCall {
  readonly id: string | undefined
  readonly name: string
  /** What the model wrote. */
  readonly text: string
  readonly error: string
}

export interface ToolCalls {
  readonly valid: readonly ToolCall[]
  readonly invalid: readonly InvalidToolCall[]
}

interface WrittenCall {
  id?: unknown
  name?: unknown
  args?: unknown
  error?: unknown
  function?: { name?: unknown; arguments?: unknown }
}

function reads(text: string): { args: unknown } | { error: string } {
  // Some providers write nothing for a tool that takes nothing.
  if (text.trim() === '') return { args: {} }
  try {
    return { args: JSON.parse(text) as unknown }
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) }
  }
}

/**
 * The tool calls of a model's message: OpenAI's (`function.arguments` as text) and LangChain's (`args` as an object,
 * the unreadable ones in `invalid_tool_calls`), in the order they were asked for.
 */
export function toolCallsOf(message: unknown): ToolCalls {
  const { tool_calls: calls, invalid_tool_calls: unread } = (message ?? {}) as {
    tool_calls?: unknown
    invalid_tool_calls?: unknown
  }
  const valid: ToolCall[] = []
  const invalid: InvalidToolCall[] = []
  for (const call of (Array.isArray(calls) ? calls : []) as WrittenCall[]) {
    const id = typeof call.id === 'string' && call.id !== '' ? call.id : undefined
    const name = String(call.function?.name ?? call.name ?? '')
    const written = call.function === undefined ? call.args : call.function.arguments
    const read = typeof written === 'string' ? reads(written) : { args: written ?? {} }
    if ('args' in read) valid.push({ id, name, args: read.args })
    else invalid.push({ id, name, text: String(written), error: read.error })
  }
  for (const call of (Array.isArray(unread) ? unread : []) as WrittenCall[]) {
    invalid.push({
      id: typeof call.id === 'string' ? call.id : undefined,
      name: String(call.name ?? ''),
      text: String(call.args ?? ''),
      error: String(call.error ?? 'not JSON'),
    })
  }
  return { valid, invalid }
}
