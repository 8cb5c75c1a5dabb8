import type { WireUpload } from '../protocols/protocol.ts'
import type { Json, JsonObject } from '../types/json.ts'

/** The bytes of an upload, and what they are. `newId` makes what parts of a form are told apart by. */
export function encodeUpload(
  upload: WireUpload,
  newId: () => string,
): { bytes: Uint8Array; contentType: string } {
  const { file } = upload
  if (upload.type === 'bytes') return { bytes: file.bytes, contentType: file.mediaType }
  const boundary = `switchyard-${newId()}`
  const heads = partsOf(upload.fields).map(
    ([name, value]) => `${headOf(boundary, `name="${quoted(name)}"`)}\r\n${value}\r\n`,
  )
  const ofFile = headOf(boundary, `name="file"; filename="${quoted(file.name)}"`)
  const text = new TextEncoder()
  const before = text.encode(`${heads.join('')}${ofFile}content-type: ${file.mediaType}\r\n\r\n`)
  const after = text.encode(`\r\n--${boundary}--\r\n`)
  return {
    bytes: join([before, file.bytes, after]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}

/** The members of lists and objects as fields of their own. */
function partsOf(fields: JsonObject): (readonly [name: string, value: string])[] {
  return Object.entries(fields).flatMap(([name, value]): (readonly [string, string])[] => {
    if (value === undefined || value === null) return []
    if (Array.isArray(value)) return value.map((one) => [`${name}[]`, textOf(one)] as const)
    if (typeof value !== 'object') return [[name, textOf(value)]]
    return Object.entries(value).flatMap(([key, one]) =>
      one === undefined ? [] : [[`${name}[${key}]`, textOf(one)] as const],
    )
  })
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function headOf(boundary: string, disposition: string): string {
  return `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`
}

/** As browsers write names: nothing in one can end it, or begin another part. */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
