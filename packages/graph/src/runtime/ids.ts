/**
 * 128 bits of a text as 32 hexadecimal digits: the same text gives the same digits on every machine. It tells tasks and
 * interrupts apart; it guards nothing.
 */
export function hash128(text: string): string {
  let a = 0x9e3779b9
  let b = 0x243f6a88
  let c = 0xb7e15162
  let d = 0xdeadbeef
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    a = b ^ Math.imul(a ^ code, 0x9e3779b1)
    b = c ^ Math.imul(b ^ code, 0x85ebca77)
    c = d ^ Math.imul(c ^ code, 0xc2b2ae3d)
    d = a ^ Math.imul(d ^ code, 0x27d4eb2f)
  }
  a = mix(a ^ (c >>> 18), text.length)
  b = mix(b ^ (d >>> 22), a)
  c = mix(c ^ (a >>> 17), b)
  d = mix(d ^ (b >>> 19), c)
  return hex(a ^ b ^ c ^ d) + hex(b ^ a) + hex(c ^ a) + hex(d ^ a)
}

function mix(value: number, salt: number): number {
  let mixed = Math.imul(value ^ (value >>> 16) ^ salt, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}

/** Two digits for each byte: ids are made for every task, and looking digits up is what costs least. */
const BYTES: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function hex(value: number): string {
  return (
    (BYTES[value >>> 24] as string) +
    (BYTES[(value >>> 16) & 255] as string) +
    (BYTES[(value >>> 8) & 255] as string) +
    (BYTES[value & 255] as string)
  )
}

/** Id of a task, in the form of a UUID; the same for the same place in the same checkpoint. */
export function taskId(place: string): string {
  const digits = hash128(place)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
}

/** Whether a text has the form of an interrupt's id. */
export function isInterruptId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text)
}
