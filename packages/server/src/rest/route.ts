import type { DialectId } from '@switchyard/llm/kit'
import type { IncomingHttpHeaders } from 'node:http'
import type { z } from 'zod'
import type { Permission } from '../auth/permissions.ts'
import type { Principal } from '../auth/principal.ts'
import { readInput } from './read-input.ts'

/** `public`: for everyone who can reach the gateway. Else what its caller must be permitted. */
export type Access = 'public' | Permission

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** The chapters of the API's description. */
export type Tag =
  | 'Generate'
  | 'Models'
  | 'Tokens'
  | 'Keys'
  | 'Teams'
  | 'Users'
  | 'Organizations'
  | 'Customers'
  | 'Budgets'
  | 'Tags'
  | 'Spend'
  | 'Credentials'
  | 'Audit'
  | 'Health'
  | 'Gateway'

/** An endpoint outside the fast lane, with all that is said about it. */
export interface RestRoute {
  method: Method
  /** The first is the one to be told. `:name` is a segment; `*` at the end stands for the rest of the path. */
  paths: readonly [string, ...string[]]
  /** What the `*` of a path is. */
  wildcard?: { name: string; description: string } | undefined
  /** What each `:name` of the paths is. */
  params?: Readonly<Record<string, string>> | undefined
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
  /** What each `:name` of the path stands for, decoded. */
  params: Readonly<Record<string, string>>
  /** Who asks; left out on public routes. */
  principal: Principal | undefined
  /** Undefined where the request has no body. */
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
    run: async ({ query: givenQuery, readBody, ...rest }) => {
      const checkedQuery = query === undefined ? {} : readInput(query, givenQuery)
      const checkedBody = body === undefined ? undefined : readInput(body, await readBody())
      // What a schema let pass is its output; without a schema nothing is promised.
      const checked = { query: checkedQuery, body: checkedBody } as Pick<
        RouteInput<Query, Body>,
        'query' | 'body'
      >
      return handle({ ...rest, ...checked })
    },
  }
}

export function json(value: unknown, rest: Pick<RestAnswer, 'status' | 'headers'> = {}): RestAnswer {
  return { ...rest, body: JSON.stringify(value) }
}
