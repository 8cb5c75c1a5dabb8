/**
 * The wire of OpenAI's Responses API as this package returns it. Items of the output and the events about them
 * are assignable to those of the `openai` package; a type test keeps that true.
 */

export interface ResponseObject {
  id: string
  object: 'response'
  /** Unix time in seconds. */
  created_at: number
  completed_at: number | null
  status: 'completed' | 'failed' | 'in_progress' | 'cancelled' | 'queued' | 'incomplete'
  error: { code: string; message: string } | null
  incomplete_details: { reason: 'max_output_tokens' | 'content_filter' } | null
  model: string
  output: ResponseItem[]
  /** All texts of the messages in `output`, joined. */
  output_text: string
  usage: ResponseUsage | null
  instructions: string | null
  metadata: Record<string, string>
  parallel_tool_calls: boolean
  previous_response_id: string | null
  reasoning: { effort: string | null; summary: string | null }
  service_tier: string
  store: boolean
  temperature: number | null
  text: { format: Record<string, unknown>; verbosity?: 'low' | 'medium' | 'high' }
  tool_choice: string | Record<string, unknown>
  tools: Record<string, unknown>[]
  top_p: number | null
  truncation: 'auto' | 'disabled'
  max_output_tokens: number | null
}

export interface ResponseUsage {
  input_tokens: number
  input_tokens_details: { cached_tokens: number; cache_write_tokens: number }
  output_tokens: number
  output_tokens_details: { reasoning_tokens: number }
  total_tokens: number
}

export type ResponseItem =
  | ResponseMessageItem
  | ResponseReasoningItem
  | ResponseFunctionCallItem
  | ResponseCustomCallItem
  | ResponseNativeItem

export interface ResponseMessageItem {
  type: 'message'
  id: string
  role: 'assistant'
  status: 'in_progress' | 'completed' | 'incomplete'
  phase?: 'commentary' | 'final_answer'
  content: ResponseContent[]
}

export type ResponseContent =
  | { type: 'output_text'; text: string; annotations: ResponseAnnotation[]; logprobs?: ResponseLogprob[] }
  | { type: 'refusal'; refusal: string }

export interface ResponseLogprob {
  token: string
  logprob: number
  bytes: number[]
  top_logprobs: { token: string; logprob: number; bytes: number[] }[]
}

export type ResponseAnnotation =
  | { type: 'url_citation'; url: string; title: string; start_index: number; end_index: number }
  | { type: 'file_citation'; file_id: string; filename: string; index: number }
  | {
      type: 'container_file_citation'
      container_id: string
      file_id: string
      filename: string
      start_index: number
      end_index: number
    }
  | { type: 'file_path'; file_id: string; index: number }

export interface ResponseReasoningItem {
  type: 'reasoning'
  id: string
  summary: { type: 'summary_text'; text: string }[]
  content?: { type: 'reasoning_text'; text: string }[]
  /** To be returned unchanged in a later turn. */
  encrypted_content?: string
}

export interface ResponseFunctionCallItem {
  type: 'function_call'
  id: string
  call_id: string
  name: string
  /** JSON text. */
  arguments: string
  status: 'in_progress' | 'completed' | 'incomplete'
}

export interface ResponseCustomCallItem {
  type: 'custom_tool_call'
  id: string
  call_id: string
  name: string
  input: string
}

/** A call of a tool that the provider runs itself, or its result. */
export interface ResponseNativeItem {
  type:
    | 'web_search_call'
    | 'file_search_call'
    | 'code_interpreter_call'
    | 'computer_call'
    | 'image_generation_call'
    | 'local_shell_call'
    | 'shell_call'
    | 'shell_call_output'
    | 'apply_patch_call'
    | 'mcp_call'
    | 'mcp_list_tools'
    | 'mcp_approval_request'
    | 'tool_search_call'
    | 'tool_search_output'
    | 'compaction'
  id: string
  [field: string]: unknown
}

interface ItemEvent {
  item_id: string
  output_index: number
  sequence_number: number
}

interface ContentEvent extends ItemEvent {
  content_index: number
}

interface SummaryEvent extends ItemEvent {
  summary_index: number
}

export type ResponseEvent =
  | {
      type:
        | 'response.created'
        | 'response.in_progress'
        | 'response.completed'
        | 'response.incomplete'
        | 'response.failed'
      response: ResponseObject
      sequence_number: number
    }
  | {
      type: 'response.output_item.added' | 'response.output_item.done'
      item: ResponseItem
      output_index: number
      sequence_number: number
    }
  | (ContentEvent & {
      type: 'response.content_part.added' | 'response.content_part.done'
      part: ResponseContent | { type: 'reasoning_text'; text: string }
    })
  | (ContentEvent & { type: 'response.output_text.delta'; delta: string; logprobs: ResponseLogprob[] })
  | (ContentEvent & { type: 'response.output_text.done'; text: string; logprobs: ResponseLogprob[] })
  | (ContentEvent & {
      type: 'response.output_text.annotation.added'
      annotation: ResponseAnnotation
      annotation_index: number
    })
  | (ContentEvent & { type: 'response.refusal.delta'; delta: string })
  | (ContentEvent & { type: 'response.refusal.done'; refusal: string })
  | (ContentEvent & { type: 'response.reasoning_text.delta'; delta: string })
  | (ContentEvent & { type: 'response.reasoning_text.done'; text: string })
  | (SummaryEvent & {
      type: 'response.reasoning_summary_part.added' | 'response.reasoning_summary_part.done'
      part: { type: 'summary_text'; text: string }
    })
  | (SummaryEvent & { type: 'response.reasoning_summary_text.delta'; delta: string })
  | (SummaryEvent & { type: 'response.reasoning_summary_text.done'; text: string })
  | (ItemEvent & {
      type: 'response.function_call_arguments.delta' | 'response.custom_tool_call_input.delta'
      delta: string
    })
  | (ItemEvent & { type: 'response.function_call_arguments.done'; name: string; arguments: string })
  | (ItemEvent & { type: 'response.custom_tool_call_input.done'; input: string })
