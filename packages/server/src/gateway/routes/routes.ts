import type { DialectId } from '@switchyard/llm/kit'

/** What a client asks for on the fast lane. */
export type LlmOperation =
  | 'chat'
  | 'completions'
  | 'responses'
  | 'messages'
  | 'embeddings'
  | 'rerank'
  | 'transcription'
  | 'generate-content'

/** Operations that are no conversation: what they ask for is not words. */
export type PlainOperation = 'embeddings' | 'rerank' | 'transcription'

const PLAIN: ReadonlySet<string> = new Set<PlainOperation>(['embeddings', 'rerank', 'transcription'])

/** Whether what is asked for can be read as a conversation, and its answer as words. */
export function isConversation({ operation }: Pick<LlmRoute, 'operation'>): boolean {
  return !PLAIN.has(operation)
}

/** Whether its requests are forms that carry a file. */
export function takesUpload({ operation }: Pick<LlmRoute, 'operation'>): boolean {
  return operation === 'transcription'
}

/** A route of the fast lane: an operation and the format it is asked in. */
export interface LlmRoute {
  operation: LlmOperation
  dialect: DialectId
  /** Paths it is reached by; `*model` names the model (it may hold slashes), which then need not be in the body. */
  paths: readonly string[]
}

/** Every path is served with and without `/v1`, as LiteLLM does. */
function both(path: string): readonly string[] {
  return [path, `/v1${path}`]
}

export const CHAT_ROUTE: LlmRoute = {
  operation: 'chat',
  dialect: 'openai-chat',
  paths: [
    ...both('/chat/completions'),
    '/openai/deployments/*model/chat/completions',
    ...both('/engines/*model/chat/completions'),
  ],
}

/** The endpoints that lead to a model. Their order is of no account: paths are exact. */
export const LLM_ROUTES: readonly LlmRoute[] = [
  CHAT_ROUTE,
  {
    operation: 'completions',
    dialect: 'openai-completions',
    paths: [
      ...both('/completions'),
      '/openai/deployments/*model/completions',
      ...both('/engines/*model/completions'),
    ],
  },
  {
    operation: 'embeddings',
    dialect: 'openai-chat',
    paths: [
      ...both('/embeddings'),
      '/openai/deployments/*model/embeddings',
      ...both('/engines/*model/embeddings'),
    ],
  },
  { operation: 'rerank', dialect: 'openai-chat', paths: [...both('/rerank'), '/v2/rerank'] },
  {
    operation: 'transcription',
    dialect: 'openai-chat',
    paths: [...both('/audio/transcriptions'), '/openai/deployments/*model/audio/transcriptions'],
  },
  {
    operation: 'responses',
    dialect: 'openai-responses',
    paths: [...both('/responses'), '/openai/v1/responses', '/openai/responses'],
  },
  { operation: 'messages', dialect: 'anthropic-messages', paths: both('/messages') },
]
