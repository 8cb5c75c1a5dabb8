import { openaiChatProtocol } from '../protocols/openai-chat/index.ts'
import { countTokens } from '../tokens/index.ts'
import type { CountableMessage, CountableTool, TokenCount } from '../tokens/index.ts'
import type { ChatRequest } from '../types/request.ts'

/** Counts the input of a chat request here, as messages of OpenAI's chat; exact for OpenAI's text models only. */
export async function countRequest(request: ChatRequest, model: string): Promise<TokenCount> {
  const { body } = openaiChatProtocol.renderRequest(request, { model, quirks: {}, newId: () => '' })
  // Our own renderer wrote these, in the shape that the counter reads leniently.
  const { messages, tools } = body as unknown as { messages: CountableMessage[]; tools?: CountableTool[] }
  return countTokens({ model, messages, tools })
}
