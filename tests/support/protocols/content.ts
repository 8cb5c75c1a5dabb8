import { isRecord } from '../synthesize.ts'
import type { Json } from './dialect.ts'

/** The objects of a list, whatever else is in it. */
export function records(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** All text in a message's content: a string, or parts that carry `text`, `content` or `output`. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return records(content)
    .map((part) => (typeof part['text'] === 'string' ? part['text'] : textOf(part['content'])))
    .filter((text) => text !== '')
    .join(' ')
}

/** How many image parts the messages carry. */
export function countImages(messages: Json[]): number {
  return messages
    .flatMap((message) => records(message['content']))
    .filter((part) => ['image', 'image_url', 'input_image'].includes(String(part['type']))).length
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}
