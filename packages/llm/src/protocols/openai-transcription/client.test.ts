import { describe, expect, test } from 'vitest'
import type { JsonObject } from '../../types/json.ts'
import type { TranscriptFormat, TranscriptionAnswer } from '../../types/transcription.ts'
import { parseTranscriptionRequest, renderTranscription } from './client.ts'
import { renderSubtitles } from './subtitles.ts'

const file = { bytes: new Uint8Array([1]), name: 'a.mp3', mediaType: 'audio/mpeg' }

describe('a request', () => {
  test('is read, and what is not known goes along', () => {
    const body = { model: 'm', response_format: 'srt', timestamp_granularities: ['word'], diarize: true }
    expect(parseTranscriptionRequest(body, file)).toMatchObject({
      format: 'srt',
      granularities: ['word'],
      extra: { diarize: true },
    })
    expect(parseTranscriptionRequest({ model: 'm' }, file).format).toBe('json')
  })

  test.each<[string, JsonObject, string]>([
    ['no model', { model: '' }, 'model'],
    ['a form that nobody knows', { response_format: 'xml' }, 'response_format'],
    ['too much freedom', { temperature: 2 }, 'temperature'],
    ['pieces that nobody knows', { timestamp_granularities: ['letter'] }, 'timestamp_granularities[0]'],
  ])('%s is refused', (_name, body, param) => {
    expect(() => parseTranscriptionRequest({ model: 'm', ...body }, file)).toThrow(
      expect.objectContaining({ param }),
    )
  })

  test('an empty recording is refused', () => {
    const empty = { ...file, bytes: new Uint8Array() }
    expect(() => parseTranscriptionRequest({ model: 'm' }, empty)).toThrow(
      expect.objectContaining({ param: 'file' }),
    )
  })
})

const segments = [
  { id: 0, start: 0, end: 3.6, text: ' Hello.' },
  { id: 1, start: 3661.0005, end: 3662.25, text: ' Bye.' },
]
const answer: TranscriptionAnswer = {
  model: '',
  text: 'Hello. Bye.',
  language: 'en',
  durationMs: 3_662_250,
  segments,
  usage: { inputTokens: 0, outputTokens: 0, audioMs: 3_663_000, source: 'provider' },
}

describe('a transcript', () => {
  const usage = { type: 'duration', seconds: 3663 }
  test.each<[TranscriptFormat, object]>([
    ['json', { text: 'Hello. Bye.', usage }],
    ['text', { text: 'Hello. Bye.', usage }],
    [
      'verbose_json',
      { task: 'transcribe', language: 'en', duration: 3662.25, text: 'Hello. Bye.', segments, usage },
    ],
    [
      'srt',
      {
        text: '1\n00:00:00,000 --> 00:00:03,600\nHello.\n\n2\n01:01:01,001 --> 01:01:02,250\nBye.\n\n',
        usage,
      },
    ],
    [
      'vtt',
      {
        text: 'WEBVTT\n\n00:00:00.000 --> 00:00:03.600\nHello.\n\n01:01:01.001 --> 01:01:02.250\nBye.\n\n',
        usage,
      },
    ],
  ])('as %s', (format, expected) => {
    expect(renderTranscription(answer, { model: 'm', file, format })).toEqual(expected)
  })

  test('tells its length where the rest is an estimate', () => {
    const usage = { inputTokens: 40, outputTokens: 5, audioMs: 4_000, source: 'estimated' as const }
    expect(renderTranscription({ ...answer, usage }, { model: 'm', file, format: 'json' }).usage).toEqual({
      type: 'duration',
      seconds: 4,
    })
  })

  test('tells tokens where there are any', () => {
    const usage = {
      inputTokens: 40,
      outputTokens: 5,
      inputAudioTokens: 37,
      audioMs: 1,
      source: 'provider' as const,
    }
    expect(renderTranscription({ ...answer, usage }, { model: 'm', file, format: 'json' }).usage).toEqual({
      type: 'tokens',
      input_tokens: 40,
      output_tokens: 5,
      total_tokens: 45,
      input_token_details: { audio_tokens: 37, text_tokens: 3 },
    })
  })
})

describe('subtitles', () => {
  test('are made of a few words at a time where only words have times', () => {
    const words = Array.from({ length: 14 }, (_, index) => ({
      word: `w${index}`,
      start: index / 10,
      end: (index + 1) / 10,
    }))
    const slow = { word: 'late', start: 20, end: 21 }
    const text = renderSubtitles({ words: [...words, slow] }, 'srt')
    expect(text.split('\n\n').map((block) => block.split('\n')[2])).toEqual([
      'w0 w1 w2 w3 w4 w5 w6 w7 w8 w9 w10 w11',
      'w12 w13',
      'late',
      undefined,
    ])
  })

  test('cannot be made without times', () => {
    expect(() => renderSubtitles({}, 'vtt')).toThrow(expect.objectContaining({ code: 'invalid_response' }))
  })
})
