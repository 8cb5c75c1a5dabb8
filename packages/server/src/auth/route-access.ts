import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import { ROUTE_GROUPS } from './route-groups.ts'

/** A route as the table of routes names it. It is reached by any of its paths, so any of them may allow it. */
export interface NamedRoute {
  /** `/v1/models`, `/engines/*model/embeddings`, `/key/:key/regenerate`. */
  readonly paths: readonly string[]
}

/** What was found out for a list, once. Lists are never changed, routes are as many as the table has. */
const decided = new WeakMap<readonly string[], Map<NamedRoute['paths'], boolean>>()

/**
 * Whether a list allows a route: by its path, by a path above it, by a pattern that ends with a star, or by one of
 * LiteLLM's groups. The matched route decides, never the text of the request's address.
 */
export function isRouteAllowed(allowed: readonly string[], { paths }: NamedRoute): boolean {
  let known = decided.get(allowed)
  if (known === undefined) decided.set(allowed, (known = new Map()))
  let answer = known.get(paths)
  if (answer === undefined) known.set(paths, (answer = decide(allowed, paths)))
  return answer
}

function decide(allowed: readonly string[], paths: readonly string[]): boolean {
  const plain = paths.map(withoutNames)
  return allowed.some((entry) => {
    if (entry === '') return false
    const group = Object.hasOwn(ROUTE_GROUPS, entry) ? ROUTE_GROUPS[entry] : undefined
    if (group !== undefined) return plain.some((path) => group.some((one) => covers(one, path)))
    return plain.some((path) => covers(entry, path) || path.startsWith(`${withoutNames(entry)}/`))
  })
}

function covers(entry: string, path: string): boolean {
  if (entry.endsWith('*')) return path.startsWith(entry.slice(0, -1))
  return withoutNames(entry) === path
}

/** `/key/:key/info`, `/key/{key}/info` and `/key/*key/info` are one. */
function withoutNames(path: string): string {
  return path.replaceAll(/\/(?::\w+|\{[^}]*\}|\*\w*)/g, '/{}')
}

/** A list that allows what two lists allow; `undefined` allows everything. What only looks alike is left out. */
export function commonRoutes(
  one: readonly string[] | undefined,
  other: readonly string[],
): readonly string[] {
  if (one === undefined) return other
  const common = [
    ...other.filter((entry) => isEntryAllowed(one, entry)),
    ...one.filter((entry) => isEntryAllowed(other, entry)),
  ]
  return [...new Set(common)]
}

/** Whether a list allows everything that an entry of another list stands for. */
function isEntryAllowed(allowed: readonly string[], entry: string): boolean {
  if (entry === '' || allowed.includes(entry)) return entry !== ''
  const group = Object.hasOwn(ROUTE_GROUPS, entry) ? ROUTE_GROUPS[entry] : undefined
  if (group !== undefined) return group.every((path) => decide(allowed, [path]))
  if (!entry.endsWith('*')) return decide(allowed, [entry])
  return allowed.some((wider) => wider.endsWith('*') && entry.startsWith(wider.slice(0, -1)))
}

/** LiteLLM's words; they name only what the key itself holds. */
export function routeNotAllowed(allowed: readonly string[], { paths }: NamedRoute): SwitchyardError {
  const routes = `[${allowed.map((route) => `'${route}'`).join(', ')}]`
  return createError({
    code: 'permission_denied',
    reason: 'route_not_allowed',
    type: 'auth_error',
    message: `Virtual key is not allowed to call this route. Only allowed to call routes: ${routes}. Tried to call route: ${paths[0]}`,
  })
}
