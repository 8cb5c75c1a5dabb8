/** Vectors as OpenAI packs them: base64 of little-endian 32-bit floats. */
export function decodeFloats(text: string): number[] {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const floats: number[] = []
  for (let offset = 0; offset + 4 <= bytes.length; offset += 4) floats.push(view.getFloat32(offset, true))
  return floats
}

/** Vectors of whole numbers from -128 to 127, as services pack them that quantise. */
export function decodeSignedBytes(text: string): number[] {
  return Array.from(atob(text), (character) => (character.charCodeAt(0) << 24) >> 24)
}

export function encodeFloats(vector: readonly number[]): string {
  const bytes = new Uint8Array(vector.length * 4)
  const view = new DataView(bytes.buffer)
  vector.forEach((value, index) => view.setFloat32(index * 4, value, true))
  let binary = ''
  for (let offset = 0; offset < bytes.length; offset += 8192)
    binary += String.fromCharCode(...bytes.subarray(offset, offset + 8192))
  return btoa(binary)
}
