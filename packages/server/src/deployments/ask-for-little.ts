import { chatSurfaceOf, embeddingSurfaceOf, prepareChat, prepareEmbedding } from '@switchyard/llm/kit'
import type { AuthContext, ChatRequest, ResolvedTarget } from '@switchyard/llm/kit'
import { sendCall } from './send-call.ts'

/** Some reasoning models refuse to be asked for less. */
const FEW_TOKENS = 16

/** Asks for a few tokens, or for one vector, as a client would. Throws what is wrong. */
export async function askForLittle(
  resolved: ResolvedTarget,
  mode: 'chat' | 'embedding',
  context: { auth: AuthContext; newId: () => string; totalMs: number },
): Promise<void> {
  const { auth, newId, totalMs } = context
  const prepare = { env: auth.env.bind(auth), newId }
  const timeouts = { connectMs: totalMs, firstByteMs: totalMs, idleMs: totalMs, totalMs }
  const { model } = resolved.target
  if (mode === 'embedding') {
    const surface = embeddingSurfaceOf(resolved)
    const request = { model, inputs: [{ type: 'text' as const, text: 'Hello' }] }
    const call = prepareEmbedding(resolved, surface, request, {}, prepare)
    call.protocol.parseAnswer(await sendCall(call, auth, timeouts), call.parse)
    return
  }
  const request: ChatRequest = {
    model,
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    stream: false,
    maxTokens: FEW_TOKENS,
  }
  const call = prepareChat(resolved, chatSurfaceOf(resolved, 'chat'), request, { dropParams: true }, prepare)
  call.protocol.parseAnswer(await sendCall(call, auth, timeouts), call.parse)
}
