import {
  compareExactness,
  matchPattern,
  parsePattern,
  type RouteParams,
  type RoutePattern,
} from './route-path.ts'

/** A line of a route table; `route` is what the table's author wants to get back. */
export interface RouteEntry<Route> {
  methods: readonly string[]
  /** `/models`, `/models/:model` (one segment), `/engines/*model/embeddings` (one or more), `/files/*`. */
  path: string
  route: Route
}

export type RouteDecision<Route> = RouteMatch<Route> | MethodNotAllowed

export interface RouteMatch<Route> {
  route: Route
  params: RouteParams
}

/** The path exists, for these methods: 405 with them in `Allow`. */
export interface MethodNotAllowed {
  notAllowed: readonly string[]
}

export interface Router<Route> {
  /**
   * Decides about a request's method and target, query included. One slash at the end is overlooked;
   * anything else unusual (double slashes, dot segments, other case, escaped letters) is another path,
   * and undefined where there is none.
   */
  match: (method: string, url: string) => RouteDecision<Route> | undefined
}

/** Methods and routes of one path. HEAD goes where GET goes. */
type Methods<Route> = ReadonlyMap<string, Route>

const NO_PARAMS: RouteParams = {}

/** Throws when two entries say the same method and path. */
export function createRouter<Route>(entries: readonly RouteEntry<Route>[]): Router<Route> {
  const methodsByPath = groupByPath(entries)
  // Paths without parameters are found by one look-up and answered by an object made beforehand.
  const exact = new Map<string, ReadonlyMap<string, RouteMatch<Route>>>()
  const patterns: { pattern: RoutePattern; methods: Methods<Route> }[] = []
  for (const [path, methods] of methodsByPath) {
    if (/\/[:*]/.test(path)) patterns.push({ pattern: parsePattern(path), methods })
    else
      exact.set(path, new Map([...methods].map(([method, route]) => [method, { route, params: NO_PARAMS }])))
  }
  patterns.sort((left, right) => compareExactness(left.pattern, right.pattern))

  const find = (method: string, path: string): RouteDecision<Route> | undefined => {
    const matches = exact.get(path)
    const match = matches?.get(method)
    if (match !== undefined) return match
    const allowed = new Set(matches?.keys())
    const parts = path.split('/').slice(1)
    for (const { pattern, methods } of patterns) {
      const params = matchPattern(pattern, parts)
      if (params === undefined) continue
      const route = methods.get(method)
      if (route !== undefined) return { route, params }
      for (const other of methods.keys()) allowed.add(other)
    }
    return allowed.size === 0 ? undefined : { notAllowed: [...allowed] }
  }

  return {
    match: (method, url) => {
      const query = url.indexOf('?')
      const path = query < 0 ? url : url.slice(0, query)
      if (path.length > 1 && path.endsWith('/')) return find(method, path.slice(0, -1))
      return find(method, path)
    },
  }
}

function groupByPath<Route>(entries: readonly RouteEntry<Route>[]): Map<string, Map<string, Route>> {
  const paths = new Map<string, Map<string, Route>>()
  for (const { methods, path, route } of entries) {
    const known = paths.get(path) ?? new Map<string, Route>()
    paths.set(path, known)
    for (const method of methods) {
      if (known.has(method)) throw new Error(`There are two routes for ${method} ${path}.`)
      known.set(method, route)
    }
  }
  for (const methods of paths.values()) {
    const get = methods.get('GET')
    if (get !== undefined && !methods.has('HEAD')) methods.set('HEAD', get)
  }
  return paths
}
