import { countRequest } from '@switchyard/llm/kit'
import type { LlmCall } from './call.ts'
import { isConversation } from './routes/routes.ts'

/** Only what is made of words can be counted. */
export function isCountable(call: LlmCall): boolean {
  return isConversation(call.route) && !call.scan.sawWatched
}

/** What wraps messages may be a few tokens more than is known of it. */
const WRAPPING_TOKENS = 8

/** The most input tokens that a call of words has for a model. */
export async function countInputOf(call: LlmCall, model: string): Promise<number> {
  const { tokens, exact } = await countRequest(call.chatRequest(), model)
  return exact ? tokens : tokens + WRAPPING_TOKENS
}
