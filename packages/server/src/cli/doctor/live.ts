import {
  chatSurfaceOf,
  embeddingSurfaceOf,
  parseJson,
  prepareChat,
  prepareEmbedding,
  signCall,
} from '@switchyard/llm/kit'
import type {
  AuthContext,
  ChatProtocol,
  ChatRequest,
  Json,
  PreparedCall,
  ResolvedTarget,
  Timeouts,
} from '@switchyard/llm/kit'

/** Some reasoning models refuse to be asked for less. */
const FEW_TOKENS = 16
const timeouts: Timeouts = { connectMs: 5_000, firstByteMs: 60_000, idleMs: 30_000, totalMs: 60_000 }

/** Asks for a few tokens, as a client would. Throws what is wrong. */
export async function askForLittle(
  resolved: ResolvedTarget,
  mode: unknown,
  context: { auth: AuthContext; newId: () => string },
): Promise<void> {
  const { auth, newId } = context
  const prepare = { env: auth.env.bind(auth), newId }
  const { model } = resolved.target
  if (mode === 'embedding') {
    const inputs = [{ type: 'text', text: 'Hello' }] as const
    const call = prepareEmbedding(
      resolved,
      embeddingSurfaceOf(resolved),
      { model, inputs: [...inputs] },
      { dropParams: true },
      prepare,
    )
    call.protocol.parseAnswer(await send(call, auth), call.parse)
    return
  }
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }]
  const request: ChatRequest = { model, messages, stream: false, maxTokens: FEW_TOKENS }
  const call = prepareChat(resolved, chatSurfaceOf(resolved, 'chat'), request, { dropParams: true }, prepare)
  call.protocol.parseAnswer(await send(call, auth), call.parse)
}

async function send(
  call: PreparedCall<Pick<ChatProtocol, 'parseFailure'>>,
  auth: AuthContext,
): Promise<Json> {
  const body = JSON.stringify(call.body)
  const headers = await signCall(call, body, auth)
  const response = await auth.transport({ method: 'POST', url: call.url, headers, body, timeouts })
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString('utf8')
  const answer = parseJson(text) ?? text
  if (response.status < 300) return answer
  throw call.protocol.parseFailure(
    { status: response.status, headers: response.headers, body: answer },
    call.parse,
  )
}
