const RATE = 16_000
const BYTES_PER_SAMPLE = 2
const HEAD_BYTES = 44

/** Half a second in which nothing is said, as a WAV: the least that services listen to is a tenth of one. */
export function silence(): Uint8Array {
  const data = (RATE * BYTES_PER_SAMPLE) / 2
  const wav = Buffer.alloc(HEAD_BYTES + data)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(HEAD_BYTES - 8 + data, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16)
  wav.writeUInt16LE(1, 20)
  wav.writeUInt16LE(1, 22)
  wav.writeUInt32LE(RATE, 24)
  wav.writeUInt32LE(RATE * BYTES_PER_SAMPLE, 28)
  wav.writeUInt16LE(BYTES_PER_SAMPLE, 32)
  wav.writeUInt16LE(8 * BYTES_PER_SAMPLE, 34)
  wav.write('data', 36)
  wav.writeUInt32LE(data, 40)
  return wav
}
