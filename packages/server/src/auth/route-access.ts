import { createError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Principal } from './principal.ts'
import { ROUTE_GROUPS } from './route-groups.ts'

/** A route as the table of routes names it. It is reached by any of its paths, so any of them may allow it. */
export interface NamedRoute {
  /** `/v1/models`, `/engines/*model/embeddings`, `/key/:key/regenerate`. */
  readonly paths: readonly string[]
}

/** What was found out for a list, once. Lists are never changed. */
const decided = new WeakMap<readonly string[], WeakMap<NamedRoute['paths'], boolean>>()

/**
 * Whether a list allows a route: by its path, by a path above it, by a pattern that ends with a star, or by one of
 * LiteLLM's groups. The matched route decides, never the text of the request's address.
 */
export function isRouteAllowed(allowed: readonly string[], { paths }: NamedRoute): boolean {
  let known = decided.get(allowed)
  if (known === undefined) decided.set(allowed, (known = new WeakMap()))
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

/** What the configuration says of routes. */
export interface RouteSettings {
  /** Left out: every route. */
  readonly allowedRoutes?: readonly string[] | undefined
  readonly adminOnlyRoutes?: readonly string[] | undefined
}

/** @throws 403 `route_not_allowed`, in LiteLLM's words; they name only what the key itself holds. */
export function checkRoute(
  { role, allowedRoutes }: Pick<Principal, 'role' | 'allowedRoutes'>,
  route: NamedRoute,
  settings: RouteSettings,
): void {
  const path = route.paths[0]
  if (settings.allowedRoutes !== undefined && !isRouteAllowed(settings.allowedRoutes, route))
    throw notAllowed(`Route ${path} is not allowed. Only the routes of general_settings.allowed_routes are.`)
  const { adminOnlyRoutes } = settings
  if (role !== 'proxy_admin' && adminOnlyRoutes !== undefined && isRouteAllowed(adminOnlyRoutes, route))
    throw notAllowed(`user not allowed to access this route. Route=${path} is an admin only route.`)
  if (allowedRoutes === undefined || isRouteAllowed(allowedRoutes, route)) return
  const routes = `[${allowedRoutes.map((one) => `'${one}'`).join(', ')}]`
  throw notAllowed(
    `Virtual key is not allowed to call this route. Only allowed to call routes: ${routes}. Tried to call route: ${path}`,
  )
}

function notAllowed(message: string): SwitchyardError {
  return createError({ code: 'permission_denied', reason: 'route_not_allowed', type: 'auth_error', message })
}
