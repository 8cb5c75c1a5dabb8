import type OpenAI from 'openai'
import { describe, expectTypeOf, test } from 'vitest'
import type { CompletionFunction, CompletionStream } from '../client/completion.ts'
import type { EmbeddingFunction } from '../client/embedding.ts'
import type { TextCompletionFunction } from '../client/text-completion.ts'
import type { TranscriptionFunction } from '../client/transcription.ts'
import type { ChatCompletion, ChatCompletionChunk, EmbeddingResponse, TextCompletion } from './openai.ts'
import type { Transcription } from './transcription.ts'

/** Checked by the compiler: nothing runs. */
describe('our results are OpenAI’s', () => {
  test('whole, in chunks, as text, as vectors and as transcripts', () => {
    expectTypeOf<ChatCompletion>().toExtend<OpenAI.ChatCompletion>()
    expectTypeOf<ChatCompletionChunk>().toExtend<OpenAI.ChatCompletionChunk>()
    expectTypeOf<TextCompletion>().toExtend<OpenAI.Completion>()
    expectTypeOf<EmbeddingResponse>().toExtend<OpenAI.CreateEmbeddingResponse>()
    expectTypeOf<Transcription>().toExtend<OpenAI.Audio.Transcription>()
  })

  test('and their stream tells the one from the other', () => {
    const completion = null as unknown as CompletionFunction
    const hello = { model: 'm', messages: [{ role: 'user' as const, content: 'Hello' }] }
    const calls = (): unknown[] => {
      expectTypeOf(completion({ ...hello, stream: true })).resolves.toEqualTypeOf<CompletionStream>()
      expectTypeOf(completion({ ...hello, stream: false })).resolves.toEqualTypeOf<ChatCompletion>()
      expectTypeOf(completion(hello)).resolves.toEqualTypeOf<ChatCompletion>()
      expectTypeOf(completion({ ...hello, stream: true as boolean })).resolves.toEqualTypeOf<
        ChatCompletion | CompletionStream
      >()
      return [completion({ ...hello, min_p: 0.1, provider: { order: ['a'] } })]
    }
    expectTypeOf(calls).toBeFunction()
  })
})

describe('OpenAI’s requests are ours', () => {
  test('as they are', () => {
    expectTypeOf<CompletionFunction>().toBeCallableWith({} as OpenAI.ChatCompletionCreateParamsNonStreaming)
    expectTypeOf<CompletionFunction>().toBeCallableWith({} as OpenAI.ChatCompletionCreateParamsStreaming)
    expectTypeOf<EmbeddingFunction>().toBeCallableWith({} as OpenAI.EmbeddingCreateParams)
    expectTypeOf<TextCompletionFunction>().toBeCallableWith({} as OpenAI.CompletionCreateParamsNonStreaming)
    expectTypeOf<TranscriptionFunction>().toBeCallableWith(
      {} as OpenAI.Audio.TranscriptionCreateParamsNonStreaming,
    )
  })
})
