import { Busboy } from '@fastify/busboy'
import type { BusboyInstance } from '@fastify/busboy'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { BodyError } from './body-error.ts'

/** A multipart form, taken apart. */
export interface Form {
  /** What is no file, in the order of the form. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The first part with a file name. */
  readonly file?: FormFile | undefined
}

export interface FormFile {
  /** The field's name. */
  readonly field: string
  /** Without any path before it. */
  readonly name: string
  readonly mediaType: string
  readonly bytes: Buffer
}

/** More than any client sends. */
const MAX_PARTS = 128
const MAX_FIELD_BYTES = 1024 * 1024
/** Others get their turn between two of these. */
const SLICE_BYTES = 256 * 1024

/**
 * Takes a form apart, a piece at a time: it may be large, and others wait meanwhile.
 *
 * @throws BodyError `invalid_body` for what is no form, `limit_exceeded` for too many parts or too long a field.
 */
export async function readForm(bytes: Buffer, contentType: string): Promise<Form> {
  const parser = open(contentType)
  const fields: (readonly [string, string])[] = []
  const pieces: Buffer[] = []
  let file: Omit<FormFile, 'bytes'> | undefined
  let failure: BodyError | undefined
  const tooMuch = (what: string) => (): void => {
    failure ??= new BodyError('limit_exceeded', `The form has ${what}.`)
  }
  parser.on('partsLimit', tooMuch(`more than ${MAX_PARTS} parts`))
  parser.on('filesLimit', tooMuch('more than one file'))
  parser.on('field', (name, value, _nameIsCut, isCut) => {
    if (isCut) tooMuch(`a field of more than ${MAX_FIELD_BYTES} bytes`)()
    fields.push([name, value])
  })
  parser.on('file', (field, stream, name, _encoding, mediaType) => {
    file = { field, name, mediaType }
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    // It is told by the parser, too.
    stream.on('error', () => undefined)
  })
  const { promise: finished, resolve, reject } = Promise.withResolvers<void>()
  parser.on('finish', resolve)
  parser.on('error', reject)
  // Awaited below; what goes wrong before is known by then.
  finished.catch(() => undefined)
  try {
    await feed(parser, bytes, () => failure !== undefined)
    await finished
  } catch {
    throw failure ?? notAForm()
  }
  if (failure !== undefined) throw failure
  return { fields, file: file && { ...file, bytes: Buffer.concat(pieces) } }
}

function open(contentType: string): BusboyInstance {
  const limits = { parts: MAX_PARTS, files: 1, fieldSize: MAX_FIELD_BYTES, headerSize: 8 * 1024 }
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits })
  } catch {
    throw new BodyError('invalid_body', 'The content-type names no boundary between the parts of the form.')
  }
}

async function feed(parser: BusboyInstance, bytes: Buffer, isOver: () => boolean): Promise<void> {
  for (let at = 0; at < bytes.length && !isOver(); at += SLICE_BYTES) {
    await new Promise<void>((resolve, reject) => {
      parser.once('error', reject)
      parser.write(bytes.subarray(at, at + SLICE_BYTES), () => {
        parser.off('error', reject)
        resolve()
      })
    })
    await nextTurn()
  }
  parser.end()
}

function notAForm(): BodyError {
  return new BodyError('invalid_body', 'The body is not the multipart form that its content-type says.')
}
