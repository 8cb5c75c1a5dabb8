/**
 * What can be counted, in the shape of OpenAI's chat messages and tools. Structural and lenient: what is not
 * recognised is counted by its JSON text.
 */
export interface CountableMessage {
  role: string
  content?: string | readonly CountablePart[] | null | undefined
  name?: string | undefined
  tool_calls?: readonly CountableToolCall[] | null | undefined
  tool_call_id?: string | undefined
}

export interface CountablePart {
  type: string
  text?: string | undefined
  image_url?: string | { url: string; detail?: string | undefined } | undefined
  input_audio?: { data: string; format?: string | undefined } | undefined
  file?: { file_data?: string | undefined; file_id?: string | undefined } | undefined
}

export interface CountableToolCall {
  id?: string | undefined
  type?: string | undefined
  function?: { name: string; arguments: string } | undefined
}

export interface CountableTool {
  type: string
  function?:
    | {
        name: string
        description?: string | undefined
        parameters?: unknown
      }
    | undefined
}
