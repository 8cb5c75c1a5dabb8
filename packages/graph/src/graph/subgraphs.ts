import { NAMESPACE_END, NAMESPACE_SEPARATOR } from '../constants.ts'
import type { NodeSpec, Program } from '../runtime/program.ts'
import type { Pregel } from './pregel.ts'

/** The graph that a node is, or the first that it says it calls. */
export function firstGraph(node: NodeSpec): Pregel | undefined {
  return node.subgraphs?.find((graph): graph is Pregel => (graph as Pregel | null)?.lg_is_pregel === true)
}

/** The graphs that nodes are or declare, by name; with `recurse`, theirs too. */
export function* subgraphsOf(
  program: Program,
  namespace?: string,
  recurse?: boolean,
): Generator<[name: string, graph: Pregel]> {
  for (const node of program.nodeList) {
    const graph = firstGraph(node)
    if (graph === undefined) continue
    if (namespace !== undefined && namespace !== node.name && !namespace.startsWith(`${node.name}|`)) continue
    if (namespace === undefined || namespace === node.name) yield [node.name, graph]
    if (!recurse) continue
    const rest = namespace?.slice(node.name.length + 1)
    for (const [name, inner] of graph.getSubgraphs(rest === '' ? undefined : rest, recurse)) {
      yield [`${node.name}${NAMESPACE_SEPARATOR}${name}`, inner]
    }
  }
}

/** The graph that a namespace belongs to, at any depth. */
export function subgraphAt(program: Program, namespace: string): Pregel | undefined {
  const path = withoutTaskIds(namespace)
  for (const [name, graph] of subgraphsOf(program, path, true)) if (name === path) return graph
  return undefined
}

/** A namespace by node names alone, the same on every visit. */
export function withoutTaskIds(namespace: string): string {
  return namespace
    .split(NAMESPACE_SEPARATOR)
    .map((level) => level.split(NAMESPACE_END)[0])
    .join(NAMESPACE_SEPARATOR)
}
