import { z } from 'zod'

/** How LiteLLM's lists are turned over. */
export function pageFields(
  defaultSize: number,
  maxSize: number,
): {
  page: z.ZodType<number>
  size: z.ZodType<number>
} {
  const whole = z.coerce.number().int('expected a whole number').min(1, 'must be at least 1')
  return {
    page: whole.max(1_000_000).default(1).meta({ description: 'From 1' }),
    size: whole.max(maxSize).default(defaultSize).meta({ description: 'How many on a page' }),
  }
}

/** The part of a list that a page holds. */
export function pageOf({ page, size }: { page: number; size: number }): { limit: number; offset: number } {
  return { limit: size, offset: (page - 1) * size }
}

export function pagesOf(total: number, size: number): number {
  return Math.ceil(total / size)
}
