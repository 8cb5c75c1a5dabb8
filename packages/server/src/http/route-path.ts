/** A path's parameters by name, decoded. A rest parameter may hold slashes. */
export type RouteParams = Readonly<Record<string, string>>

type Segment = { type: 'text'; text: string } | { type: 'one'; name: string } | { type: 'rest'; name: string }

/** A path of the route table, taken apart. */
export interface RoutePattern {
  segments: readonly Segment[]
  /** Segments before the rest parameter, and after it; no rest: everything is before. */
  before: readonly Segment[]
  rest: string | undefined
  after: readonly Segment[]
}

/** Reads `/models/:model`, `/engines/*model/embeddings`, `/files/*`. Throws on two rest parameters. */
export function parsePattern(path: string): RoutePattern {
  const segments = path
    .split('/')
    .slice(1)
    .map((text): Segment => {
      if (text.startsWith(':')) return { type: 'one', name: text.slice(1) }
      if (text.startsWith('*')) return { type: 'rest', name: text.slice(1) || '*' }
      return { type: 'text', text }
    })
  const rests = segments.filter((segment) => segment.type === 'rest')
  if (!path.startsWith('/') || rests.length > 1) throw new Error(`The route ${path} cannot be matched.`)
  const [rest] = rests
  if (rest === undefined) return { segments, before: segments, rest: undefined, after: [] }
  const at = segments.indexOf(rest)
  return { segments, before: segments.slice(0, at), rest: rest.name, after: segments.slice(at + 1) }
}

/** The parameters of a path that fits, undefined when it does not. */
export function matchPattern(pattern: RoutePattern, parts: readonly string[]): RouteParams | undefined {
  const { before, rest, after } = pattern
  const afterAt = parts.length - after.length
  if (rest === undefined ? parts.length !== before.length : afterAt <= before.length) return undefined
  const params: Record<string, string> = {}
  if (!fits(before, parts, 0, params) || !fits(after, parts, afterAt, params)) return undefined
  if (rest !== undefined) {
    const value = decodeParam(parts.slice(before.length, afterAt).join('/'))
    if (value === undefined) return undefined
    params[rest] = value
  }
  return params
}

/** Texts before single parameters before rests, from the left: the most exact route is tried first. */
export function compareExactness(left: RoutePattern, right: RoutePattern): number {
  const rank = { text: 0, one: 1, rest: 2 }
  for (const [index, segment] of left.segments.entries()) {
    const other = right.segments[index]
    if (other === undefined) break
    const difference = rank[segment.type] - rank[other.type]
    if (difference !== 0) return difference
  }
  return right.segments.length - left.segments.length
}

function fits(
  segments: readonly Segment[],
  parts: readonly string[],
  offset: number,
  params: Record<string, string>,
): boolean {
  for (const [index, segment] of segments.entries()) {
    const part = parts[offset + index] ?? ''
    if (segment.type === 'text') {
      if (segment.text !== part) return false
      continue
    }
    const value = decodeParam(part)
    if (value === undefined) return false
    params[segment.name] = value
  }
  return true
}

/** Undefined for what could mean another place once it is passed on: dot segments, backslashes, controls. */
function decodeParam(text: string): string | undefined {
  let value
  try {
    value = decodeURIComponent(text)
  } catch {
    return undefined
  }
  // oxlint-disable-next-line no-control-regex
  return /(^|\/)\.{0,2}(\/|$)|[\\\u0000-\u001f\u007f]/.test(value) ? undefined : value
}
