import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { JsonScan } from '../http/scan-json.ts'

/** What a request says about whom it is made for and what it belongs to. */
export interface CallerFields {
  readonly endUserId: string | undefined
  readonly tags: readonly string[]
}

export interface CallerFieldRules {
  /** In lower case, in the order in which they are asked. */
  readonly userHeaders: readonly string[]
  readonly rejectClientTags: boolean
}

type Body = Pick<JsonScan, 'has' | 'string' | 'json'>

const NO_TAGS: readonly string[] = []
const MAX_ID_LENGTH = 1_024
const MAX_TAGS = 100
const MAX_TAG_LENGTH = 256

/**
 * Reads the end user and the tags as LiteLLM does: headers, then the body's `user`, then its metadata.
 *
 * @throws 400 for tags that clients must not send, and for ids without end.
 */
export function readCallerFields(
  body: Body,
  headers: IncomingHttpHeaders,
  rules: CallerFieldRules,
): CallerFields {
  const metadata = objectIn(body, 'metadata')
  const own = objectIn(body, 'litellm_metadata')
  const endUserId =
    userInHeaders(headers, rules.userHeaders) ??
    textOf(body.string('user')) ??
    textOf(own?.user) ??
    textOf(metadata?.user_id) ??
    textOf(body.string('safety_identifier'))
  if (endUserId !== undefined && endUserId.length > MAX_ID_LENGTH)
    throw tooLong('user', `An end user's id may have ${MAX_ID_LENGTH} characters.`)
  const tags = readTags(body, headers, [metadata?.tags, own?.tags])
  if (rules.rejectClientTags && tags.length > 0) throw tagsNotAllowed()
  return { endUserId, tags }
}

/** @throws 400 for a field that every request has to have and this one has not. */
export function checkEnforced(
  names: readonly string[],
  body: Pick<JsonScan, 'has' | 'json'>,
  { endUserId }: CallerFields,
): void {
  for (const name of names) {
    if (name === 'user' && endUserId !== undefined) continue
    if (!isThere(body, name)) throw missingField(name)
  }
}

function userInHeaders(headers: IncomingHttpHeaders, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = textOf(headers[name])
    if (value !== undefined) return value
  }
  return undefined
}

function readTags(body: Body, headers: IncomingHttpHeaders, lists: readonly unknown[]): readonly string[] {
  const inHeader = headers['x-litellm-tags']
  const inBody = body.has('tags') ? body.json('tags') : undefined
  if (inHeader === undefined && inBody === undefined && lists.every((list) => list === undefined))
    return NO_TAGS
  const tags = new Set(
    [
      ...String(inHeader ?? '').split(','),
      ...[inBody, ...lists].flatMap((list) => (Array.isArray(list) ? list : [])),
    ].flatMap((tag) => textOf(tag) ?? []),
  )
  if (tags.size > MAX_TAGS) throw tooLong('tags', `A request may have ${MAX_TAGS} tags.`)
  if ([...tags].some((tag) => tag.length > MAX_TAG_LENGTH))
    throw tooLong('tags', `A tag may have ${MAX_TAG_LENGTH} characters.`)
  return [...tags]
}

function objectIn(body: Body, name: string): Readonly<Record<string, unknown>> | undefined {
  if (!body.has(name)) return undefined
  const value = body.json(name)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

/** A name with dots leads into the body. */
function isThere(body: Pick<JsonScan, 'has' | 'json'>, name: string): boolean {
  const [first = '', ...inner] = name.split('.')
  if (!body.has(first)) return false
  const value = inner.reduce<unknown>(
    (outer, part) =>
      typeof outer === 'object' && outer !== null && Object.hasOwn(outer, part)
        ? (outer as Readonly<Record<string, unknown>>)[part]
        : undefined,
    body.json(first),
  )
  return value !== undefined && value !== null
}

/** LiteLLM's words. */
function missingField(name: string): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'missing_required_parameter',
    type: 'bad_request_error',
    param: name,
    message: `BadRequest please pass param=${name} in request body. This is a required param.`,
  })
}

function tagsNotAllowed(): SwitchyardError {
  return createError({
    code: 'bad_request',
    reason: 'tags_not_allowed',
    type: 'bad_request_error',
    param: 'metadata.tags',
    message: `Client-side 'metadata.tags' not allowed in request. Tags can only be set via API key metadata.`,
  })
}

function tooLong(param: string, limit: string): SwitchyardError {
  return createError({ code: 'bad_request', reason: 'limit_exceeded', param, message: limit })
}
