import type { DialectId } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import { readInput } from './read-input.ts'

/** `public`: for everyone who can reach the gateway. `key`: for who has a key, where the gateway asks for one. */
export type Access = 'public' | 'key'

export type Tag = 'Generate' | 'Models' | 'Tokens' | 'Health' | 'Gateway'

/** An endpoint outside the fast lane, with all that is said about it. */
export interface RestRoute {
  method: 'GET' | 'POST'
  /** The first is the one to be told; `*` at the end stands for the rest of the path. */
  paths: readonly [string, ...string[]]
  /** What the `*` of a path is. */
  wildcard?: { name: string; description: string } | undefined
  tag: Tag
  /** One line. */
  summary: string
  access: Access
  /** The format its failures are told in. Left out: by the client's headers. */
  dialect?: DialectId | undefined
  query?: z.ZodObject | undefined
  body?: z.ZodType | undefined
  /** A body that works. */
  example?: unknown
  answer: AnswerDescription
  run: (request: RestRequest) => Promise<RestAnswer>
}

export interface AnswerDescription {
  description: string
  /** What a JSON answer holds. */
  schema?: z.ZodType | undefined
  /** Default `application/json`. */
  type?: string | undefined
}

/** A request before its parts are checked. */
export interface RestRequest {
  id: string
  headers: IncomingHttpHeaders
  query: unknown
  /** What the `*` of the path stands for, decoded. */
  wildcard: string
  readBody: () => Promise<unknown>
}

export interface RestAnswer {
  /** Default 200. */
  status?: number | undefined
  headers?: Readonly<Record<string, string>> | undefined
  /** Default `application/json`. */
  type?: string | undefined
  body: string
}

/** What a handler is given: query and body are what the route's schemas say. */
export interface RouteInput<Query extends z.ZodObject, Body extends z.ZodType> extends Omit<
  RestRequest,
  'query' | 'readBody'
> {
  query: z.output<Query>
  body: z.output<Body>
}

type Declaration<Query extends z.ZodObject, Body extends z.ZodType> = Omit<
  RestRoute,
  'query' | 'body' | 'run'
> & {
  query?: Query | undefined
  body?: Body | undefined
  handle: (input: RouteInput<Query, Body>) => RestAnswer | Promise<RestAnswer>
}

/** Declares a route. Its handler runs only when query and body are what the schemas say. */
export function defineRoute<Query extends z.ZodObject = z.ZodObject, Body extends z.ZodType = z.ZodUndefined>(
  declaration: Declaration<Query, Body>,
): RestRoute {
  const { handle, query, body, ...route } = declaration
  return {
    ...route,
    query,
    body,
    run: async ({ id, headers, wildcard, query: givenQuery, readBody }) => {
      const checkedQuery = query === undefined ? {} : readInput(query, givenQuery)
      const checkedBody = body === undefined ? undefined : readInput(body, await readBody())
      // What a schema let pass is its output; without a schema nothing is promised.
      const checked = { query: checkedQuery, body: checkedBody } as Pick<
        RouteInput<Query, Body>,
        'query' | 'body'
      >
      return handle({ id, headers, wildcard, ...checked })
    },
  }
}

export function json(value: unknown, rest: Pick<RestAnswer, 'status' | 'headers'> = {}): RestAnswer {
  return { ...rest, body: JSON.stringify(value) }
}
