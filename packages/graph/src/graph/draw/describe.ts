import { END, START } from '../../constants.ts'
import { DrawableGraph } from './drawable.ts'
import type { DrawableEdge, DrawableNode } from './drawing.ts'

/** What of a builder is drawn. */
export interface DescribedGraph {
  readonly nodes: Readonly<
    Record<
      string,
      {
        readonly runnable: unknown
        readonly ends: readonly string[] | undefined
        readonly endLabels: Readonly<Record<string, string>> | undefined
        readonly metadata: Readonly<Record<string, unknown>> | undefined
      }
    >
  >
  readonly edges: Iterable<readonly [start: string, end: string]>
  readonly waitingEdges: Iterable<readonly [starts: readonly string[], end: string]>
  readonly branches: Readonly<
    Record<string, Readonly<Record<string, { readonly ends: Readonly<Record<string, string>> | undefined }>>>
  >
}

export interface DescribeOptions {
  readonly interruptBefore?: '*' | readonly string[] | undefined
  readonly interruptAfter?: '*' | readonly string[] | undefined
  /** The graph inside a node, to be drawn in its place; `undefined` draws the node as one. */
  readonly inside?: ((name: string) => DrawableGraph | undefined) | undefined
}

function names(selection: DescribeOptions['interruptBefore'], name: string): boolean {
  return selection === '*' || (selection ?? []).includes(name)
}

/** Where a node pauses, as LangGraph writes it. */
function pause({ interruptBefore, interruptAfter }: DescribeOptions, name: string): string | undefined {
  const when = [
    ...(names(interruptBefore, name) ? ['before'] : []),
    ...(names(interruptAfter, name) ? ['after'] : []),
  ]
  return when.length === 0 ? undefined : when.join(',')
}

/** A graph without its own start and end, which are nothing once it stands inside another. */
function trimmed(graph: DrawableGraph): DrawableGraph {
  const gone = new Set<string>()
  for (const id of [graph.firstNode()?.id, graph.lastNode()?.id]) if (id === START || id === END) gone.add(id)
  return new DrawableGraph({
    nodes: Object.fromEntries(Object.entries(graph.nodes).filter(([id]) => !gone.has(id))),
    edges: graph.edges.filter(({ source, target }) => !gone.has(source) && !gone.has(target)),
  })
}

/** The drawable form of a graph's declaration. A conditional edge without declared targets leads everywhere. */
export function describeGraph(graph: DescribedGraph, options: DescribeOptions = {}): DrawableGraph {
  const nodes: Record<string, DrawableNode> = { [START]: { id: START, name: START } }
  const edges: DrawableEdge[] = []
  /** By node: what edges to it lead to, and what edges from it leave; other ids for a graph drawn in its place. */
  const entries = new Map<string, string>()
  const exits = new Map<string, string>()

  function addInside(name: string, graph: DrawableGraph): boolean {
    const inside = trimmed(graph)
    const first = inside.firstNode()
    const last = inside.lastNode()
    // Where it has no one first and last node, edges around it could not be drawn.
    if (Object.keys(inside.nodes).length < 2 || first === undefined || last === undefined) return false
    const within = (id: string): string => `${name}:${id}`
    for (const node of Object.values(inside.nodes))
      nodes[within(node.id)] = { ...node, id: within(node.id), name: within(node.name) }
    for (const edge of inside.edges)
      edges.push({ ...edge, source: within(edge.source), target: within(edge.target) })
    entries.set(name, within(first.id))
    exits.set(name, within(last.id))
    return true
  }

  for (const [name, { runnable, metadata }] of Object.entries(graph.nodes)) {
    const inner = options.inside?.(name)
    if (inner !== undefined && addInside(name, inner)) continue
    const when = pause(options, name)
    const facts = { ...metadata, ...(when === undefined ? {} : { __interrupt: when }) }
    nodes[name] = {
      id: name,
      name,
      data: runnable,
      ...(Object.keys(facts).length === 0 ? {} : { metadata: facts }),
    }
  }

  function addEdge(start: string, end: string, label?: string, conditional = false): void {
    if (end === END) nodes[END] ??= { id: END, name: END }
    const data = label === undefined || label === end ? {} : { data: label }
    edges.push({ source: exits.get(start) ?? start, target: entries.get(end) ?? end, ...data, conditional })
  }

  const fixed = [
    ...graph.edges,
    ...[...graph.waitingEdges].flatMap(([starts, end]) => starts.map((start) => [start, end] as const)),
  ]
  for (const [start, end] of fixed.toSorted(([left], [right]) =>
    left < right ? -1 : left > right ? 1 : 0,
  )) {
    addEdge(start, end)
  }
  for (const [start, branches] of Object.entries(graph.branches)) {
    const everywhere = Object.fromEntries(
      [...Object.keys(graph.nodes).filter((name) => name !== start), END].map((name) => [name, name]),
    )
    for (const { ends } of Object.values(branches)) {
      for (const [label, end] of Object.entries(ends ?? everywhere)) addEdge(start, end, label, true)
    }
  }
  for (const [name, { ends, endLabels }] of Object.entries(graph.nodes)) {
    for (const end of ends ?? []) addEdge(name, end, endLabels?.[end], true)
  }
  return new DrawableGraph({ nodes, edges })
}
