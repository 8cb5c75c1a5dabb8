import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../types/json.ts'
import type { Quirks } from '../types/quirks.ts'
import type { TranscriptionAnswer, TranscriptionRequest } from '../types/transcription.ts'
import { deepgramTranscriptionProtocol } from './deepgram-transcription/index.ts'
import { elevenlabsTranscriptionProtocol } from './elevenlabs-transcription/index.ts'
import { openaiTranscriptionProtocol } from './openai-transcription/index.ts'
import type { TranscriptionProtocol } from './protocol.ts'
import { xaiTranscriptionProtocol } from './xai-transcription/index.ts'

const file = { bytes: new Uint8Array([1]), name: 'a.mp3', mediaType: 'audio/mpeg' }
const request: TranscriptionRequest = { model: 'x', file, format: 'json' }
const context = { model: 'm', quirks: {}, newId: () => 'id' }

describe('requests', () => {
  test.each<[string, Quirks, Partial<TranscriptionRequest>, JsonObject]>([
    ['words', {}, {}, { response_format: 'json' }],
    ['the length with the words', { transcripts: 'verbose' }, {}, { response_format: 'verbose_json' }],
    ['subtitles are made here', {}, { format: 'vtt' }, { response_format: 'verbose_json' }],
    [
      'all settings',
      {},
      {
        language: 'en',
        prompt: 'p',
        temperature: 0.5,
        granularities: ['word'],
        extra: { include: ['logprobs'] },
      },
      {
        response_format: 'json',
        language: 'en',
        prompt: 'p',
        temperature: 0.5,
        timestamp_granularities: ['word'],
        include: ['logprobs'],
      },
    ],
    ['words alone', {}, { format: 'text' }, { response_format: 'json' }],
    [
      'speakers',
      { transcripts: 'verbose' },
      { format: 'diarized_json' },
      { response_format: 'diarized_json' },
    ],
    ['no form is named', { transcripts: 'unnamed' }, {}, {}],
    [
      'no form is named, but times are wanted',
      { transcripts: 'unnamed' },
      { format: 'srt' },
      { timestamp_granularities: ['segment'] },
    ],
  ])('openai: %s', (_name, quirks, more, fields) => {
    expect(
      openaiTranscriptionProtocol.renderRequest({ ...request, ...more }, { ...context, quirks }),
    ).toEqual({
      path: '/audio/transcriptions',
      body: { type: 'form', fields: { model: 'm', ...fields }, file },
    })
  })

  test('deepgram: the settings are in the address', () => {
    const asked = { ...request, language: 'en', extra: { smart_format: true, keyterm: ['a b', 'c'] } }
    expect(deepgramTranscriptionProtocol.renderRequest(asked, context)).toEqual({
      path: '/listen?model=m&language=en&smart_format=true&keyterm=a+b&keyterm=c',
      body: { type: 'bytes', file },
    })
  })

  test('xai: its one model has no field', () => {
    expect(xaiTranscriptionProtocol.renderRequest({ ...request, language: 'en' }, context)).toEqual({
      path: '/stt',
      body: { type: 'form', fields: { language: 'en' }, file },
    })
  })

  test('elevenlabs', () => {
    const asked = { ...request, language: 'en', extra: { diarize: true } }
    expect(elevenlabsTranscriptionProtocol.renderRequest(asked, context)).toEqual({
      path: '/v1/speech-to-text',
      body: { type: 'form', fields: { model_id: 'm', language_code: 'en', diarize: true }, file },
    })
  })
})

const XAI = {
  text: 'hi',
  language: 'en',
  duration: 3.7,
  words: [{ text: 'hi', start: 0, end: 1, speaker: 0 }],
}

const parse = { provider: 'p', model: 'm', quirks: {}, newId: () => 'id' }
const nothing = { inputTokens: 0, outputTokens: 0 }

describe('answers', () => {
  test.each<[string, TranscriptionProtocol, unknown, Partial<TranscriptionAnswer>, Quirks?]>([
    [
      'openai, by the second',
      openaiTranscriptionProtocol,
      {
        text: 'hi',
        language: 'english',
        duration: 36.71,
        words: [{ word: 'hi' }],
        usage: { type: 'duration', seconds: 37 },
      },
      {
        text: 'hi',
        language: 'english',
        durationMs: 36_710,
        segments: undefined,
        words: [{ word: 'hi' }],
        usage: { ...nothing, audioMs: 37_000, source: 'provider', raw: { type: 'duration', seconds: 37 } },
      },
    ],
    [
      'openai, by the token',
      openaiTranscriptionProtocol,
      {
        text: 'hi',
        usage: {
          type: 'tokens',
          input_tokens: 37,
          output_tokens: 5,
          total_tokens: 42,
          input_token_details: { audio_tokens: 37 },
        },
      },
      {
        usage: expect.objectContaining({
          inputTokens: 37,
          outputTokens: 5,
          totalTokens: 42,
          inputAudioTokens: 37,
        }),
      },
    ],
    [
      'groq: the length is the bill, and ten seconds are the least',
      openaiTranscriptionProtocol,
      { text: 'hi', duration: 3.5 },
      { durationMs: 3_500, usage: { ...nothing, audioMs: 10_000, source: 'provider', raw: undefined } },
      { leastAudioMs: 10_000 },
    ],
    [
      'mistral: both',
      openaiTranscriptionProtocol,
      {
        text: 'hi',
        model: 'voxtral',
        usage: { prompt_audio_seconds: 3, prompt_tokens: 5, completion_tokens: 20 },
      },
      {
        model: 'voxtral',
        usage: expect.objectContaining({ inputTokens: 5, outputTokens: 20, audioMs: 3_000 }),
      },
    ],
    [
      'openrouter says what it took',
      openaiTranscriptionProtocol,
      { text: 'hi', usage: { input_tokens: 1, output_tokens: 1, cost: 0.5 } },
      { usage: expect.objectContaining({ reportedCostUsd: 0.5 }) },
    ],
    [
      'deepgram',
      deepgramTranscriptionProtocol,
      {
        metadata: { duration: 1.5 },
        results: {
          channels: [
            {
              detected_language: 'en',
              alternatives: [
                {
                  transcript: 'hi there',
                  words: [
                    { word: 'hi', start: 0, end: 0.5, punctuated_word: 'Hi,' },
                    { word: 'there', start: 0.5, end: 1 },
                  ],
                },
              ],
            },
          ],
        },
      },
      {
        text: 'hi there',
        language: 'en',
        durationMs: 1_500,
        words: [
          { word: 'Hi,', start: 0, end: 0.5 },
          { word: 'there', start: 0.5, end: 1 },
        ],
        usage: { ...nothing, audioMs: 1_500, source: 'provider' },
      },
    ],
    [
      'xai',
      xaiTranscriptionProtocol,
      XAI,
      {
        language: 'en',
        durationMs: 3_700,
        words: [{ word: 'hi', start: 0, end: 1, speaker: 0 }],
        usage: { ...nothing, audioMs: 3_700, source: 'provider' },
      },
    ],
    [
      'elevenlabs: words without what stands between them',
      elevenlabsTranscriptionProtocol,
      {
        language_code: 'eng',
        text: 'hi',
        words: [
          { text: 'hi', start: 0, end: 0.5, type: 'word' },
          { text: ' ', start: 0.5, end: 0.6, type: 'spacing' },
        ],
      },
      { language: 'eng', durationMs: 500, words: [{ word: 'hi', start: 0, end: 0.5, type: 'word' }] },
    ],
  ])('%s', (_name, protocol, body, answer, quirks = {}) => {
    expect(protocol.parseAnswer(JSON.stringify(body), { ...parse, quirks })).toMatchObject(answer)
  })

  test('words that come without any JSON are the transcript', () => {
    expect(openaiTranscriptionProtocol.parseAnswer(' Hello there. \n', parse)).toEqual({
      model: '',
      text: 'Hello there.',
    })
  })

  test.each([
    ['openai', openaiTranscriptionProtocol, '{"error":"x"}'],
    ['openai: nothing', openaiTranscriptionProtocol, ''],
    ['deepgram', deepgramTranscriptionProtocol, '{"results":{"channels":[]}}'],
    ['elevenlabs', elevenlabsTranscriptionProtocol, '<html>'],
    ['xai', xaiTranscriptionProtocol, '{}'],
  ])('%s: a body without a transcript is no answer', (_name, protocol, body) => {
    expect(() => protocol.parseAnswer(body, parse)).toThrow('no transcript')
  })

  test.each([
    [deepgramTranscriptionProtocol, { err_code: 'INVALID_AUTH', err_msg: 'no such key' }],
    [elevenlabsTranscriptionProtocol, { detail: { status: 'invalid_api_key', message: 'no such key' } }],
  ])('a refusal has the provider’s words', (protocol, body) => {
    const failure = protocol.parseFailure({ status: 401, headers: {}, body }, parse)
    expect(failure).toMatchObject({ code: 'authentication', message: expect.stringContaining('no such key') })
  })
})
