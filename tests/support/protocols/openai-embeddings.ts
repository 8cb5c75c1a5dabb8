import type { Json } from './dialect.ts'

/** Vectors that depend only on the text: eight dimensions unless asked otherwise, base64 on request. */
export function renderEmbeddings(body: Json): Json {
  const inputs =
    Array.isArray(body['input']) && !body['input'].every((token) => typeof token === 'number')
      ? body['input']
      : [body['input']]
  const dimensions = typeof body['dimensions'] === 'number' ? body['dimensions'] : 8
  const texts = inputs.map((input) => (typeof input === 'string' ? input : JSON.stringify(input)))
  const tokens = texts.reduce((sum, text) => sum + (text.match(/\S+/g)?.length ?? 0), 0)
  return {
    object: 'list',
    model: body['model'],
    data: texts.map((text, index) => {
      const vector = vectorOf(text, dimensions)
      return {
        object: 'embedding',
        index,
        embedding: body['encoding_format'] === 'base64' ? base64(vector) : vector,
      }
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

function vectorOf(text: string, dimensions: number): number[] {
  const sum = Buffer.from(text).reduce((sum, byte) => (sum * 31 + byte) % 65_521, 7)
  return Array.from({ length: dimensions }, (_, at) => (((sum + at * 7919) % 257) - 128) / 128)
}

function base64(vector: number[]): string {
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64')
}
