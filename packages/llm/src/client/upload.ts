import type { WireUpload } from '../protocols/protocol.ts'
import type { Json } from '../types/json.ts'
import type { AudioFile } from '../types/transcription.ts'

/** The bytes of an upload, and what they are. */
export async function encodeUpload(upload: WireUpload): Promise<{ bytes: Uint8Array; contentType: string }> {
  if (upload.type === 'bytes') return { bytes: upload.file.bytes, contentType: upload.file.mediaType }
  const form = new FormData()
  for (const [name, value] of Object.entries(upload.fields)) {
    if (value === undefined || value === null) continue
    if (Array.isArray(value)) for (const one of value) form.append(`${name}[]`, textOf(one))
    else if (typeof value === 'object')
      for (const [key, member] of Object.entries(value))
        form.append(`${name}[${key}]`, textOf(member ?? null))
    else form.append(name, textOf(value))
  }
  form.append('file', blobOf(upload.file), upload.file.name)
  const encoded = new Response(form)
  return {
    bytes: new Uint8Array(await encoded.arrayBuffer()),
    contentType: encoded.headers.get('content-type') ?? 'multipart/form-data',
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A view of memory that others may share is copied: a blob keeps its own. */
function blobOf({ bytes, mediaType }: AudioFile): Blob {
  return new Blob([new Uint8Array(bytes)], { type: mediaType })
}
