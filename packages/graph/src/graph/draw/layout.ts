import type { DrawableEdge, Drawing } from './drawing.ts'

export interface PlacedNode {
  readonly id: string
  readonly label: string
  readonly facts: readonly string[]
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface PlacedEdge {
  readonly edge: DrawableEdge
  /** Whether it leads back up. */
  readonly isBack: boolean
  readonly from: PlacedNode
  readonly to: PlacedNode
}

export interface Layout {
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

const CHARACTER = 8
const NODE_HEIGHT = 40
const FACT_HEIGHT = 14
const GAP_X = 40
const GAP_Y = 70
const MARGIN = 40
const SWEEPS = 4

/** Edges that lead to where one already came from: without them the graph has an order. */
function backEdges(ids: readonly string[], edges: readonly DrawableEdge[]): ReadonlySet<DrawableEdge> {
  const outgoing = Map.groupBy(edges, ({ source }) => source)
  const state = new Map<string, 'open' | 'done'>()
  const back = new Set<DrawableEdge>()
  for (const root of ids) {
    if (state.has(root)) continue
    // A stack of its own: a chain of ten thousand nodes would be too deep for calls.
    const stack = [{ id: root, next: 0 }]
    state.set(root, 'open')
    while (stack.length > 0) {
      const top = stack.at(-1) as { id: string; next: number }
      const edge = outgoing.get(top.id)?.[top.next]
      top.next += 1
      if (edge === undefined) {
        state.set(top.id, 'done')
        stack.pop()
      } else if (state.get(edge.target) === 'open') back.add(edge)
      else if (!state.has(edge.target)) {
        state.set(edge.target, 'open')
        stack.push({ id: edge.target, next: 0 })
      }
    }
  }
  return back
}

/** How far down each node stands: below everything that leads to it. */
function layersOf(ids: readonly string[], edges: readonly DrawableEdge[]): Map<string, number> {
  const layer = new Map(ids.map((id) => [id, 0]))
  const waiting = new Map(ids.map((id) => [id, 0]))
  for (const { target } of edges) waiting.set(target, (waiting.get(target) ?? 0) + 1)
  const outgoing = Map.groupBy(edges, ({ source }) => source)
  const ready = ids.filter((id) => waiting.get(id) === 0)
  for (const id of ready) {
    for (const { target } of outgoing.get(id) ?? []) {
      layer.set(target, Math.max(layer.get(target) ?? 0, (layer.get(id) ?? 0) + 1))
      const left = (waiting.get(target) ?? 0) - 1
      waiting.set(target, left)
      if (left === 0) ready.push(target)
    }
  }
  return layer
}

/** Puts the nodes of each layer near those they are joined with, so that fewer edges cross. */
function untangled(rows: string[][], edges: readonly DrawableEdge[]): string[][] {
  const neighbours = new Map<string, string[]>()
  for (const { source, target } of edges) {
    neighbours.set(source, [...(neighbours.get(source) ?? []), target])
    neighbours.set(target, [...(neighbours.get(target) ?? []), source])
  }
  let current = rows
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const place = new Map(
      current.flatMap((row) => row.map((id, index) => [id, (index + 1) / (row.length + 1)] as const)),
    )
    const middle = (id: string): number => {
      const around = (neighbours.get(id) ?? []).map((other) => place.get(other) ?? 0.5)
      return around.length === 0
        ? (place.get(id) ?? 0.5)
        : around.reduce((sum, at) => sum + at, 0) / around.length
    }
    current = current.map((row) => row.toSorted((left, right) => middle(left) - middle(right)))
  }
  return current
}

/** Places a graph's nodes in layers from top to bottom. */
export function layOut(graph: Drawing): Layout {
  const ids = Object.keys(graph.nodes)
  const edges = graph.edges.filter(({ source, target }) => source in graph.nodes && target in graph.nodes)
  const back = backEdges(ids, edges)
  const forward = edges.filter((edge) => !back.has(edge) && edge.source !== edge.target)
  const layer = layersOf(ids, forward)
  const rows: string[][] = []
  for (const id of ids) (rows[layer.get(id) ?? 0] ??= []).push(id)
  const sized = new Map(
    ids.map((id) => {
      const { name, metadata = {} } = graph.nodes[id] as { name: string; metadata?: Record<string, unknown> }
      const facts = Object.entries(metadata).map(([key, value]) => `${key} = ${String(value)}`)
      const label = name.replaceAll(':', ' › ')
      const longest = Math.max(label.length, ...facts.map(({ length }) => length * 0.8))
      return [
        id,
        {
          id,
          label,
          facts,
          width: Math.ceil(longest * CHARACTER) + 32,
          height: NODE_HEIGHT + facts.length * FACT_HEIGHT,
        },
      ] as const
    }),
  )
  const widthOf = (row: readonly string[]): number =>
    row.reduce((sum, id) => sum + (sized.get(id)?.width ?? 0), GAP_X * (row.length - 1))
  const width = Math.max(0, ...rows.map(widthOf))
  const placed = new Map<string, PlacedNode>()
  let y = MARGIN
  for (const row of untangled(rows, forward)) {
    let x = MARGIN + (width - widthOf(row)) / 2
    for (const id of row) {
      const node = sized.get(id) as Omit<PlacedNode, 'x' | 'y'>
      placed.set(id, { ...node, x, y })
      x += node.width + GAP_X
    }
    y += Math.max(...row.map((id) => sized.get(id)?.height ?? 0)) + GAP_Y
  }
  return {
    width: width + 2 * MARGIN,
    height: y - GAP_Y + MARGIN,
    nodes: [...placed.values()],
    edges: edges.map((edge) => ({
      edge,
      isBack: back.has(edge) || edge.source === edge.target,
      from: placed.get(edge.source) as PlacedNode,
      to: placed.get(edge.target) as PlacedNode,
    })),
  }
}
