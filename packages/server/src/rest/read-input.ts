import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { z } from 'zod'

/** What a client sent, checked. @throws 400 naming the first thing that is wrong and where it stands. */
export function readInput<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw issue === undefined ? refusal('', 'is not what this endpoint takes') : describe(issue, value)
}

function describe(issue: z.core.$ZodIssue, value: unknown): SwitchyardError {
  const path = renderPath(issue.path)
  if (issue.code === 'invalid_type' && valueAt(value, issue.path) === undefined)
    return createError({
      code: 'bad_request',
      reason: 'missing_required_parameter',
      message: `Missing required parameter: '${path}'.`,
      param: path,
    })
  return refusal(path, issue.message)
}

function refusal(path: string, problem: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'invalid_type',
    message: `Invalid value for '${path}': ${problem}.`,
    param: path,
  })
}

/** `messages[0].content` */
function renderPath(path: readonly PropertyKey[]): string {
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .replace(/^\./, '')
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  )
}
