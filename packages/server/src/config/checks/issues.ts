import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** What a failed check says to the user. Never quotes the value, which may be a secret. */
export function describeIssue(issue: Issue): { message: string; fix?: string | undefined } {
  if (issue.code === 'invalid_key' || issue.code === 'invalid_element') {
    return { message: issue.issues[0]?.message ?? issue.message }
  }
  if (issue.code === 'invalid_type' && issue.message === 'is required')
    return { message: 'is required but missing' }
  if (issue.code === 'invalid_type' && issue.message === 'expected a text') {
    return { message: issue.message, fix: 'put the value in quotes' }
  }
  return { message: issue.message }
}
