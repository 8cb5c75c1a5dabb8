import { audioFile, createError, parseJson } from '@switchyard/llm/kit'
import type { AudioFile, Json, JsonObject } from '@switchyard/llm/kit'
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readBody } from '../http/body.ts'
import type { BodyLimits } from '../http/body.ts'
import { BodyError } from '../http/body-error.ts'
import { readForm } from '../http/read-form.ts'
import type { Form } from '../http/read-form.ts'
import { GATEWAY_FIELDS } from './fields.ts'

/** A form that carries a recording: its fields as the JSON body they stand for, with the recording's digest in it. */
export interface Upload {
  readonly body: Buffer
  readonly file: AudioFile
}

/** Throws BodyError unless the request says that its body is a form with parts. */
export function checkFormType({ headers }: IncomingMessage): void {
  if (/^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '')) return
  throw new BodyError(
    'unsupported_media_type',
    'The content-type must be multipart/form-data: the recording is a part of it, called file.',
  )
}

/**
 * Reads a form, whole and bounded.
 *
 * @throws BodyError for a body that is too large or no form; 400 for a form without a recording.
 */
export async function readUpload(request: IncomingMessage, limits: BodyLimits): Promise<Upload> {
  const bytes = await readBody(request, limits)
  const { fields, file } = await readForm(bytes, request.headers['content-type'] ?? '')
  if (file?.field !== 'file')
    throw createError({
      code: 'bad_request',
      reason: 'missing_required_parameter',
      param: 'file',
      message: `Missing required parameter: 'file', a part of the form with a file name.`,
    })
  const digest = createHash('sha256').update(file.bytes).digest('hex')
  return {
    body: Buffer.from(JSON.stringify({ ...objectOf(fields), file: `sha256:${digest}` })),
    file: audioFile(
      file.bytes,
      file.name,
      file.mediaType === 'application/octet-stream' ? '' : file.mediaType,
    ),
  }
}

/** Fields that are no text: as JSON they are a number, a flag, a list or an object. */
const NOT_TEXT: ReadonlySet<string> = new Set(['temperature', 'stream', 'strict', 'metadata', 'tags'])

/** `name[]` is a member of a list, `name[key]` one of an object: the ways in which clients write these. */
function objectOf(form: Form['fields']): JsonObject {
  const fields = new Map<string, Json>()
  for (const [name, value] of form) {
    const [, base = name, key] = /^([^[\]]+)\[([^[\]]*)\]$/.exec(name) ?? []
    const known = fields.get(base)
    if (key === undefined) fields.set(base, isText(base) ? value : (parseJson(value) ?? value))
    else if (key === '') fields.set(base, [...(Array.isArray(known) ? known : []), value])
    else fields.set(base, { ...(isObject(known) ? known : {}), [key]: value })
  }
  return Object.fromEntries(fields)
}

function isText(name: string): boolean {
  return !NOT_TEXT.has(name) && !GATEWAY_FIELDS.has(name)
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
