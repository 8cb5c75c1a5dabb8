import { isSwitchyardError } from '@switchyard/llm/kit'
import { createHash } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { BodyError } from '../http/body-error.ts'
import { checkFormType, readUpload } from './read-upload.ts'

const bytes = new Uint8Array([0x49, 0x44, 0x33, 0, 255, 13, 10, 45, 45])

/** A request as Node shows it, with this form. */
async function requestOf(fill: (form: FormData) => void): Promise<IncomingMessage> {
  const form = new FormData()
  fill(form)
  const encoded = new Response(form)
  return incoming(Buffer.from(await encoded.arrayBuffer()), encoded.headers.get('content-type') ?? '')
}

function incoming(body: Buffer, type: string): IncomingMessage {
  const request = new IncomingMessage(new Socket())
  request.headers = { 'content-type': type, 'content-length': String(body.length) }
  request.push(body)
  request.push(null)
  return request
}

async function read(request: IncomingMessage, maxBytes = 100_000) {
  const { body, file } = await readUpload(request, { maxBytes })
  return { fields: JSON.parse(body.toString()) as object, file }
}

async function refusalOf(reading: Promise<unknown>): Promise<string> {
  try {
    await reading
    return 'fine'
  } catch (error) {
    if (error instanceof BodyError) return `${error.status} ${error.code}`
    if (isSwitchyardError(error)) return `${error.status} ${error.reason} ${error.param}`
    throw error
  }
}

describe('a form', () => {
  test('is its fields as JSON, with the digest of its recording, and the recording', async () => {
    const { fields, file } = await read(
      await requestOf((form) => {
        form.append('model', 'w')
        form.append('prompt', '12')
        form.append('temperature', '0.5')
        form.append('stream', 'true')
        form.append('timestamp_granularities[]', 'word')
        form.append('timestamp_granularities[]', 'segment')
        form.append('chunking_strategy[type]', 'server_vad')
        form.append('num_retries', '2')
        form.append('tags', '["a"]')
        form.append('file', new File([bytes], 'speech.mp3', { type: 'audio/mpeg' }))
      }),
    )
    expect(fields).toEqual({
      model: 'w',
      prompt: '12',
      temperature: 0.5,
      stream: true,
      timestamp_granularities: ['word', 'segment'],
      chunking_strategy: { type: 'server_vad' },
      num_retries: 2,
      tags: ['a'],
      file: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    })
    expect(file).toEqual({ bytes: Buffer.from(bytes), name: 'speech.mp3', mediaType: 'audio/mpeg' })
  })

  test('may leave the kind of its recording to be told by how it begins', async () => {
    const { file } = await read(await requestOf((form) => form.append('file', new File([bytes], 'x'))))
    expect(file.mediaType).toBe('audio/mpeg')
  })

  test('cannot name members of what every object has', async () => {
    const { fields } = await read(
      await requestOf((form) => {
        form.append('__proto__[polluted]', 'yes')
        form.append('file', new File([bytes], 'x'))
      }),
    )
    expect(Object.keys(fields)).toContain('__proto__')
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('refused is', () => {
  test.each<[string, (form: FormData) => void, number | undefined, string]>([
    [
      'a form without a recording',
      (form) => form.append('model', 'w'),
      undefined,
      '400 missing_required_parameter file',
    ],
    [
      'a file that is a text',
      (form) => form.append('file', 'path'),
      undefined,
      '400 missing_required_parameter file',
    ],
    [
      'one that is too large',
      (form) => form.append('file', new File([bytes], 'x')),
      100,
      '413 request_too_large',
    ],
    [
      'one of very many parts',
      (form) => {
        for (let part = 0; part < 200; part++) form.append('a', 'b')
      },
      undefined,
      '400 limit_exceeded',
    ],
  ])('%s', async (_name, fill, maxBytes, expected) => {
    expect(await refusalOf(read(await requestOf(fill), maxBytes))).toBe(expected)
  })

  test.each([
    ['a body that is none', 'multipart/form-data; boundary=x', 'not a form'],
    [
      'a form that is cut',
      'multipart/form-data; boundary=x',
      '--x\r\nContent-Disposition: form-data; name="file"',
    ],
    ['a form without a boundary', 'multipart/form-data; charset=utf-8', '--x--'],
  ])('%s', async (_name, type, body) => {
    expect(await refusalOf(read(incoming(Buffer.from(body), type)))).toBe('400 invalid_body')
  })

  test.each([
    ['application/json', '415'],
    ['multipart/form-data', '415'],
    ['', '415'],
    ['Multipart/Form-Data; boundary=x', 'fine'],
  ])('what is called %s: %s', (type, expected) => {
    const check = (): void => checkFormType(incoming(Buffer.from(''), type))
    if (expected === 'fine') expect(check).not.toThrow()
    else expect(check).toThrow(expect.objectContaining({ code: 'unsupported_media_type' }))
  })
})
