import { z } from 'zod'
import { LLM_ROUTES } from '../../gateway/routes/routes.ts'
import type { Services } from '../../services.ts'
import { pageHeaders } from '../docs/html.ts'
import { renderDocs } from '../docs/page.ts'
import { renderHome } from '../docs/home.ts'
import { describeApi } from '../openapi/document.ts'
import type { OpenapiDocument } from '../openapi/document.ts'
import { defineRoute, json } from '../route.ts'
import type { RestRoute } from '../route.ts'

const links = {
  docs: '/docs',
  openapi: '/openapi.json',
  models: '/v1/models',
  readiness: '/health/readiness',
}

const home = z
  .object({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) })
  .meta({ id: 'Home' })

const routeList = z
  .object({ routes: z.array(z.object({ path: z.string(), methods: z.array(z.string()) })) })
  .meta({ id: 'RouteList' })

/** What the gateway says about itself. It names no model and no setting, so that everyone may read it. */
export function createHomeRoutes(others: readonly RestRoute[], { version }: Services): readonly RestRoute[] {
  const own: readonly RestRoute[] = [
    defineRoute({
      method: 'GET',
      paths: ['/'],
      tag: 'Gateway',
      summary: 'Name, version and where to go from here',
      access: 'public',
      answer: { description: 'For browsers a page, for programs JSON', schema: home },
      handle: ({ headers }) =>
        headers.accept?.includes('text/html') === true
          ? { type: 'text/html', headers: pageHeaders, body: renderHome(version, links) }
          : json({ name: 'Switchyard', version, links }),
    }),
    defineRoute({
      method: 'GET',
      paths: ['/routes'],
      tag: 'Gateway',
      summary: 'Every path with its methods',
      access: 'public',
      answer: { description: 'The paths', schema: routeList },
      handle: () => json({ routes: listRoutes([...others, ...own]) }),
    }),
    defineRoute({
      method: 'GET',
      paths: ['/docs'],
      tag: 'Gateway',
      summary: 'This API for people',
      access: 'public',
      answer: { description: 'A page', type: 'text/html' },
      handle: ({ headers }) => ({
        type: 'text/html',
        headers: pageHeaders,
        body: renderDocs(described(), originOf(headers.host)),
      }),
    }),
    defineRoute({
      method: 'GET',
      paths: ['/openapi.json'],
      tag: 'Gateway',
      summary: 'This API for programs, in OpenAPI 3.1',
      access: 'public',
      answer: { description: 'The description', schema: z.looseObject({ openapi: z.literal('3.1.0') }) },
      handle: () => json(described()),
    }),
  ]
  let document: OpenapiDocument | undefined
  const described = (): OpenapiDocument => (document ??= describeApi([...others, ...own], version))
  return own
}

function listRoutes(routes: readonly RestRoute[]): { path: string; methods: string[] }[] {
  return [
    ...LLM_ROUTES.flatMap(({ paths }) => paths.map((path) => ({ path, methods: ['POST'] }))),
    ...routes.flatMap(({ paths, method }) => paths.map((path) => ({ path, methods: [method] }))),
  ]
}

/** Where the reader reached us, for the examples; a name that is no host's is not repeated. */
function originOf(host: string | undefined): string {
  return `http://${host !== undefined && /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host) ? host : 'localhost:4000'}`
}
