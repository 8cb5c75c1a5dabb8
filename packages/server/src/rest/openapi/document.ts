import type { DialectId } from '@switchyard/llm/kit'
import { z } from 'zod'
import { createDocument } from 'zod-openapi'
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from 'zod-openapi'
import { LLM_ROUTES } from '../../gateway/routes/routes.ts'
import type { LlmRoute } from '../../gateway/routes/routes.ts'
import type { RestRoute } from '../route.ts'
import { llmDescriptions } from './llm/index.ts'

export type OpenapiDocument = ReturnType<typeof createDocument>

const openaiError = z
  .object({
    error: z.object({
      message: z.string(),
      type: z.string(),
      param: z.string().nullable(),
      code: z.string().meta({ description: 'The finest word for what happened' }),
    }),
  })
  .meta({ id: 'Error' })

const anthropicError = z
  .object({
    type: z.literal('error'),
    error: z.object({ type: z.string(), message: z.string() }),
    request_id: z.string(),
  })
  .meta({ id: 'AnthropicError' })

const security = [{ bearer: [] }, { apiKey: [] }]

/** Describes every endpoint, in OpenAPI 3.1: the fast lane’s first, then the routes given. */
export function describeApi(routes: readonly RestRoute[], version: string): OpenapiDocument {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of LLM_ROUTES) describeLlm(route, paths)
  for (const route of routes) describeRest(route, paths)
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Switchyard',
      version,
      description: 'One gateway in front of every model provider, in the shapes that clients already speak.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'Generate', description: 'Answers, texts and vectors from any model.' },
      { name: 'Models', description: 'What can be asked for, and what it costs.' },
      { name: 'Tokens', description: 'Counting before asking.' },
      { name: 'Keys', description: 'Virtual keys: what each may use and spend.' },
      { name: 'Teams', description: 'Who shares models and a budget.' },
      { name: 'Users', description: 'People and what they may do here.' },
      { name: 'Organizations', description: 'What teams and users belong to.' },
      { name: 'Customers', description: 'The end users that requests are made for.' },
      { name: 'Budgets', description: 'Limits that several keys, customers or tags share by name.' },
      { name: 'Tags', description: 'What requests are marked with, and what that may cost.' },
      { name: 'Spend', description: 'What was spent, by whom, on what.' },
      { name: 'Credentials', description: 'Secrets of providers, kept encrypted.' },
      { name: 'Audit', description: 'Who changed what.' },
      { name: 'Health', description: 'For load balancers, probes and dashboards.' },
      { name: 'Gateway', description: 'The gateway about itself.' },
    ],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The gateway’s key.' },
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'x-api-key',
          description: 'The same, for Anthropic’s clients.',
        },
      },
    },
  })
}

function describeLlm({ operation, dialect, paths: given }: LlmRoute, paths: ZodOpenApiPathsObject): void {
  const {
    summary,
    request,
    requestType = 'application/json',
    answer,
    stream,
    example,
  } = llmDescriptions[operation]
  // The path with `/v1` is the one that clients know.
  const main = given.find((path) => path.startsWith('/v1/')) ?? given[0] ?? ''
  for (const path of [main, ...given.filter((other) => other !== main)]) {
    const names = [...path.matchAll(/[:*](\w+)/g)].map(([, name]) => name ?? '')
    const body = names.includes('model') ? withoutModel(request) : request
    const written = writeLlmPath(path)
    paths[written] = {
      post: {
        operationId: operationId('post', written),
        tags: ['Generate'],
        summary,
        security,
        ...aliasOf(writeLlmPath(main), written),
        ...(names.length === 0
          ? {}
          : { requestParams: { path: parameters(names, 'A model of this gateway') } }),
        requestBody: { required: true, content: { [requestType]: { schema: body, example } } },
        responses: {
          '200': {
            description: stream === undefined ? 'The answer' : `The answer; with \`stream: true\`: ${stream}`,
            content: {
              'application/json': { schema: answer },
              ...(stream === undefined ? {} : { 'text/event-stream': { schema: z.string() } }),
            },
          },
          default: failures(dialect),
        },
      },
    }
  }
}

function writeLlmPath(path: string): string {
  return path.replaceAll(/[:*](\w+)/g, '{$1}')
}

/** Where the path names the model, the body need not. */
function withoutModel(request: z.ZodType): z.ZodType {
  return request instanceof z.ZodObject ? request.partial({ model: true }) : request
}

const METHODS = { GET: 'get', POST: 'post', PUT: 'put', PATCH: 'patch', DELETE: 'delete' } as const

function describeRest(route: RestRoute, paths: ZodOpenApiPathsObject): void {
  const writePath = (path: string): string =>
    path.replace('*', `{${route.wildcard?.name ?? 'rest'}}`).replaceAll(/:(\w+)/g, '{$1}')
  const main = writePath(route.paths[0])
  const method = METHODS[route.method]
  const { type = 'application/json', schema = z.string(), description } = route.answer
  for (const path of route.paths) {
    const written = writePath(path)
    const { query } = route
    const inPath = pathParameters(route, path)
    const parts = {
      ...(inPath === undefined ? {} : { path: inPath }),
      ...(query === undefined ? {} : { query }),
    }
    const operation: ZodOpenApiOperationObject = {
      operationId: operationId(method, written),
      tags: [route.tag],
      summary: route.summary,
      security: route.access === 'public' ? [] : security,
      ...aliasOf(main, written),
      ...(Object.keys(parts).length === 0 ? {} : { requestParams: parts }),
      ...(route.body === undefined
        ? {}
        : {
            requestBody: {
              required: true,
              content: { 'application/json': { schema: route.body, example: route.example } },
            },
          }),
      responses: {
        '200': { description, content: { [type]: { schema } } },
        ...(route.access === 'public' ? {} : { default: failures(route.dialect) }),
      },
    }
    paths[written] = { ...paths[written], [method]: operation }
  }
}

function pathParameters({ wildcard, params = {} }: RestRoute, path: string): z.ZodObject | undefined {
  const described: Readonly<Record<string, string>> = {
    ...params,
    ...(wildcard === undefined ? {} : { [wildcard.name]: wildcard.description }),
  }
  const named = Object.entries(described).filter(
    ([name]) => path.includes(`:${name}`) || (path.includes('*') && name === wildcard?.name),
  )
  if (named.length === 0) return undefined
  return z.object(
    Object.fromEntries(named.map(([name, description]) => [name, z.string().meta({ description })])),
  )
}

function parameters(names: readonly string[], description: string): z.ZodObject {
  return z.object(Object.fromEntries(names.map((name) => [name, z.string().meta({ description })])))
}

/** Another path of the same endpoint says which one is the main one. */
function aliasOf(main: string, path: string): { 'x-alias-of'?: string } {
  return path === main ? {} : { 'x-alias-of': main }
}

function failures(dialect: DialectId | undefined): ZodOpenApiResponseObject {
  const schema = dialect === 'anthropic-messages' ? anthropicError : openaiError
  return { description: 'What went wrong', content: { 'application/json': { schema } } }
}

/** `post_v1_chat_completions` */
function operationId(method: string, path: string): string {
  return `${method}${path.replaceAll(/[^a-zA-Z0-9]+/g, '_')}`.replace(/_$/, '')
}
