import type { CountablePart } from './input.ts'
import type { TokenFamily } from './family.ts'

/** Stands for an image whose size nobody told: 1024 × 1024, which is four tiles. */
const assumedSide = 1024

export interface ImageSize {
  width: number
  height: number
}

/**
 * OpenAI's formula: fit into 2048 × 2048, shrink the shorter side to 768, then a base and so many tokens for
 * each tile of 512 × 512; low detail costs the base alone. Other families use their own base and tile price.
 */
export function imageTokens(
  { image }: TokenFamily,
  detail?: string | undefined,
  size: ImageSize = { width: assumedSide, height: assumedSide },
): number {
  if (detail === 'low') return image.base === 0 ? image.tile : image.base
  const fitted = shrink(size, 2048 / Math.max(size.width, size.height))
  const { width, height } = shrink(fitted, 768 / Math.min(fitted.width, fitted.height))
  return image.base + image.tile * Math.ceil(width / 512) * Math.ceil(height / 512)
}

/** The most that one image can cost: the largest shape that the formula lets through, 2048 × 768. */
export function boundImageTokens(family: TokenFamily): number {
  return imageTokens(family, 'high', { width: 2048, height: 768 })
}

/** Compressed speech is about 16 kB a second and ten tokens a second. */
const bytesPerAudioToken = 1600

/** A page of PDF is about 50 kB and 1,500 tokens. */
const bytesPerFileToken = 33

/** An estimate for a content part that is not text; `undefined` for parts that are no known medium. */
export function mediaTokens(part: CountablePart, family: TokenFamily): number | undefined {
  if (part.image_url !== undefined) {
    return imageTokens(family, typeof part.image_url === 'string' ? undefined : part.image_url.detail)
  }
  if (part.input_audio !== undefined)
    return Math.ceil(base64Bytes(part.input_audio.data) / bytesPerAudioToken)
  if (part.file !== undefined) return Math.ceil(base64Bytes(part.file.file_data ?? '') / bytesPerFileToken)
  return undefined
}

function shrink({ width, height }: ImageSize, factor: number): ImageSize {
  return factor >= 1 ? { width, height } : { width: width * factor, height: height * factor }
}

function base64Bytes(data: string): number {
  return data.length * 0.75
}
