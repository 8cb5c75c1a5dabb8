import { END, START } from '../constants.ts'
import { UnreachableNodeError } from '../errors.ts'
import type { BuilderBranch, BuilderNode } from './builder.ts'
import { ERROR_HANDLER_PREFIX } from './compile.ts'
import type { NodeDefaults } from './types.ts'

/** What of a graph under construction is checked. */
export interface GraphShape {
  readonly nodes: Readonly<
    Record<string, Pick<BuilderNode, 'ends'> & Partial<Pick<BuilderNode, 'errorHandler'>>>
  >
  readonly branches: Readonly<Record<string, Readonly<Record<string, BuilderBranch>>>>
  readonly nodeDefaults?: Pick<NodeDefaults, 'errorHandler'>
  readonly allEdges: ReadonlySet<readonly [start: string, end: string]>
}

/**
 * Checks that every edge has both its ends and that every node can be reached.
 * @param interrupt nodes that runs are to pause at
 */
export function validateGraph(graph: GraphShape, interrupt: readonly string[]): void {
  const exists = (name: string): boolean => Object.hasOwn(graph.nodes, name)
  for (const source of [...[...graph.allEdges].map(([start]) => start), ...Object.keys(graph.branches)]) {
    if (source !== START && !exists(source)) {
      throw new Error(`Found edge starting at unknown node \`${source}\``)
    }
  }
  const targets = targetsOf(graph)
  for (const node of Object.keys(graph.nodes)) {
    if (!targets.has(node)) throw unreachable(node)
  }
  for (const target of targets) {
    if (target !== END && !exists(target)) throw new Error(`Found edge ending at unknown node \`${target}\``)
  }
  for (const name of interrupt) {
    const handled = name.startsWith(ERROR_HANDLER_PREFIX) ? name.slice(ERROR_HANDLER_PREFIX.length) : name
    if (!exists(handled) && name !== START) throw new Error(`Interrupt node \`${name}\` is not present`)
  }
}

function targetsOf({ nodes, nodeDefaults, branches, allEdges }: GraphShape): Set<string> {
  const targets = new Set([...allEdges].map(([, end]) => end))
  for (const [start, conditions] of Object.entries(branches)) {
    for (const { ends } of Object.values(conditions)) {
      const reached =
        ends === undefined
          ? [END, ...Object.keys(nodes).filter((name) => name !== start)]
          : Object.values(ends)
      for (const end of reached) targets.add(end)
    }
  }
  for (const { ends } of Object.values(nodes)) for (const end of ends ?? []) targets.add(end)
  // What a handler's command leads to cannot be seen, so it may be any node.
  const handled =
    nodeDefaults?.errorHandler !== undefined ||
    Object.values(nodes).some(({ errorHandler }) => errorHandler !== undefined)
  if (handled) for (const node of Object.keys(nodes)) targets.add(node)
  return targets
}

function unreachable(node: string): UnreachableNodeError {
  return new UnreachableNodeError(
    [
      `Node \`${node}\` is not reachable.`,
      '',
      'If you are returning Command objects from your node,',
      'make sure you are passing names of potential destination nodes as an "ends" array',
      'into ".addNode(..., { ends: ["node1", "node2"] })".',
    ].join('\n'),
    { lc_error_code: 'UNREACHABLE_NODE' },
  )
}
