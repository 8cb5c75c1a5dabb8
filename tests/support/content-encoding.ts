import { brotliCompressSync, constants, createGzip, gzipSync, zstdCompressSync } from 'node:zlib'
import type { FaultPlan } from './fault-plan.ts'

export interface EncodedFrames {
  /** Value of `content-encoding`, undefined for none. */
  encoding: string | undefined
  frames: Buffer[]
}

/** Compresses frames; plain `gzip` flushes at each frame, as a streaming provider does, the others at the end. */
export async function encodeFrames(
  frames: Buffer[],
  encoding: FaultPlan['encoding'],
): Promise<EncodedFrames> {
  switch (encoding) {
    case undefined:
      return { encoding: undefined, frames }
    case 'claims-gzip':
      return { encoding: 'gzip', frames }
    case 'br':
      return { encoding, frames: [brotliCompressSync(Buffer.concat(frames))] }
    case 'zstd':
      return { encoding, frames: [zstdCompressSync(Buffer.concat(frames))] }
    case 'gzip-unflushed':
      return { encoding: 'gzip', frames: [gzipSync(Buffer.concat(frames))] }
    case 'gzip':
      return { encoding, frames: await gzipEach(frames) }
  }
}

async function gzipEach(frames: Buffer[]): Promise<Buffer[]> {
  const gzip = createGzip()
  const encoded: Buffer[] = []
  let pending: Buffer[] = []
  gzip.on('data', (bytes: Buffer) => pending.push(bytes))
  const take = (): void => {
    encoded.push(Buffer.concat(pending))
    pending = []
  }
  for (const frame of frames) {
    gzip.write(frame)
    await new Promise<void>((flushed) => gzip.flush(constants.Z_SYNC_FLUSH, flushed))
    take()
  }
  await new Promise<void>((ended) => gzip.once('end', ended).end())
  take()
  return encoded
}
