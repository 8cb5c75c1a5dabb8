import type { ChatProtocol } from '../protocol.ts'
import { parseAnswer } from './answer.ts'
import { parseFailure } from './failure.ts'
import { renderRequest } from './request.ts'
import { createStreamParser } from './stream.ts'

/** Amazon Bedrock's Converse API: one form for the models of every vendor it hosts. */
export const bedrockConverseProtocol: ChatProtocol = {
  id: 'bedrock-converse',
  params: new Set([
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'response_format',
    'reasoning_effort',
    'thinking',
    'max_tokens',
    'temperature',
    'top_p',
    'top_k',
    'stop',
    'service_tier',
    'metadata',
  ]),
  framing: 'aws-event-stream',
  renderRequest,
  parseAnswer,
  createStreamParser,
  parseFailure,
}
