/** The encodings that a `content-encoding` names, in the order in which they were applied. */
export function encodingsOf(contentEncoding: string | undefined): string[] {
  if (contentEncoding === undefined) return []
  const encodings = contentEncoding.split(',').map((encoding) => encoding.trim().toLowerCase())
  return encodings.filter((encoding) => encoding !== '' && encoding !== 'identity')
}

/** Headers of a body that has been decompressed: the two that spoke of the compressed one are gone. */
export function withoutEncoding(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { 'content-encoding': _encoding, 'content-length': _length, ...rest } = headers
  return rest
}

/** Compression would make a stream's events wait for each other, and costs both sides more than it saves here. */
export function withIdentityEncoding(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const name in headers) if (name.toLowerCase() === 'accept-encoding') return { ...headers }
  return { ...headers, 'accept-encoding': 'identity' }
}
