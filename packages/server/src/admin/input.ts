import { createError } from '@switchyard/llm/kit'
import type { z } from 'zod'

/** What a client sent, checked. @throws 422 `validation_error` with the first thing that is wrong and where. */
export function readFields<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  const path = (issue?.path ?? []).map(String).join('.')
  throw createError({
    code: 'unprocessable',
    type: 'validation_error',
    param: path === '' ? undefined : path,
    message: messageOf(issue, path),
  })
}

function messageOf(issue: z.core.$ZodIssue | undefined, path: string): string {
  const problem = issue?.message ?? 'it is not what this endpoint takes'
  if (path !== '')
    return issue?.code === 'invalid_type' && problem.endsWith('received undefined')
      ? `Field required: '${path}'.`
      : `Invalid value for '${path}': ${problem}.`
  return issue?.code === 'custom'
    ? `${problem}.`
    : 'The body is not what this endpoint takes: send a JSON object.'
}
