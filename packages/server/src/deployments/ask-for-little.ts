import {
  audioFile,
  chatSurfaceOf,
  embeddingSurfaceOf,
  prepareChat,
  prepareEmbedding,
  prepareRerank,
  prepareTranscription,
  rerankSurfaceOf,
  transcriptionSurfaceOf,
} from '@switchyard/llm/kit'
import type { AuthContext, ChatRequest, ResolvedTarget } from '@switchyard/llm/kit'
import { sendBytes, sendCall } from './send-call.ts'
import { silence } from './silence.ts'

/** Some reasoning models refuse to be asked for less. */
const FEW_TOKENS = 16

/** What a deployment can be asked for little of. */
export type ProbedMode = 'chat' | 'embedding' | 'rerank' | 'transcription'

/** LiteLLM's words for modes that are not asked by a chat. */
const MODES: Readonly<Record<string, ProbedMode>> = {
  embedding: 'embedding',
  rerank: 'rerank',
  transcription: 'transcription',
  audio_transcription: 'transcription',
}

/** The mode that a model's information names; what is no other is taken to chat. */
export function probedMode(...named: readonly unknown[]): ProbedMode {
  for (const mode of named) {
    const known = typeof mode === 'string' && Object.hasOwn(MODES, mode) ? MODES[mode] : undefined
    if (known !== undefined) return known
  }
  return 'chat'
}

/**
 * Asks for a few tokens, for one vector, for the place of one document or to listen to a moment of silence, as a client
 * would. Throws what is wrong.
 */
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
  if (mode === 'transcription') {
    const request = { model, file: audioFile(silence(), 'silence.wav'), format: 'json' as const }
    const call = prepareTranscription(resolved, transcriptionSurfaceOf(resolved), request, {}, prepare)
    call.protocol.parseAnswer(await sendBytes(call, call.body, auth, timeouts), call.parse)
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
