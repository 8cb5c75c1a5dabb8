import {
  chatSurfaceOf,
  embeddingSurfaceOf,
  prepareChat,
  prepareEmbedding,
  prepareRerank,
  rerankSurfaceOf,
} from '@switchyard/llm/kit'
import type { AuthContext, ChatRequest, ResolvedTarget } from '@switchyard/llm/kit'
import { sendCall } from './send-call.ts'

/** Some reasoning models refuse to be asked for less. */
const FEW_TOKENS = 16

/** What a deployment can be asked for little of. */
export type ProbedMode = 'chat' | 'embedding' | 'rerank'

/** The mode that a model's information names; what is no other is taken to chat. */
export function probedMode(...named: readonly unknown[]): ProbedMode {
  return named.find((mode) => mode === 'embedding' || mode === 'rerank') ?? 'chat'
}

/** Asks for a few tokens, for one vector or for the place of one document, as a client would. Throws what is wrong. */
export async function askForLittle(
  resolved: ResolvedTarget,
  mode: ProbedMode,
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
  if (mode === 'rerank') {
    const request = { model, query: 'Hello', documents: ['Hello'], texts: ['Hello'] }
    const call = prepareRerank(resolved, rerankSurfaceOf(resolved), request, {}, prepare)
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
