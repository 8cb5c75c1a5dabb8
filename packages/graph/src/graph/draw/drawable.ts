import { firstNode, lastNode } from './drawing.ts'
import type { DrawableEdge, DrawableNode, Drawing } from './drawing.ts'
import { renderMermaid } from './mermaid.ts'
import type { MermaidOptions } from './mermaid.ts'
import { renderSvg } from './svg.ts'
import type { SvgOptions } from './svg.ts'

/** A graph as JSON. */
export interface GraphJson {
  readonly nodes: readonly {
    readonly id: string
    readonly type: 'schema' | 'runnable'
    readonly data: Readonly<Record<string, unknown>>
    readonly metadata?: Readonly<Record<string, unknown>>
  }[]
  readonly edges: readonly DrawableEdge[]
}

/** The dialect of the schema that says nothing: what the ends of a graph take is not checked by it. */
const ANYTHING = 'https://json-schema.org/draft/2020-12/schema'

/** What LangGraph says of a node: where its class is from, and the name that it has for itself. */
function describeWork(name: string, work: unknown): Record<string, unknown> {
  const runnable = work as { readonly lc_id?: readonly string[]; readonly getName?: () => string }
  if (runnable.lc_id === undefined || runnable.getName === undefined) {
    return { id: ['langgraph', 'RunnableCallable'], name }
  }
  return { id: runnable.lc_id, name: runnable.getName() }
}

/** The nodes and edges of a graph, to be drawn or handed on. Nothing here asks anything of the network. */
export class DrawableGraph implements Drawing {
  readonly nodes: Readonly<Record<string, DrawableNode>>
  readonly edges: readonly DrawableEdge[]

  constructor({ nodes, edges }: Drawing) {
    this.nodes = nodes
    this.edges = edges
  }

  /** Where it begins: the one node that no edge leads to. */
  firstNode(): DrawableNode | undefined {
    return firstNode(this)
  }

  /** Where it ends: the one node that no edge leaves. */
  lastNode(): DrawableNode | undefined {
    return lastNode(this)
  }

  toJSON(): GraphJson {
    return {
      nodes: Object.values(this.nodes).map(({ id, name, data, metadata }) => ({
        id,
        type: data === undefined ? 'schema' : 'runnable',
        data: data === undefined ? { $schema: ANYTHING } : describeWork(name, data),
        ...(metadata === undefined ? {} : { metadata }),
      })),
      edges: this.edges.map(({ source, target, data, conditional }) => ({
        source,
        target,
        ...(data === undefined ? {} : { data }),
        ...(conditional === undefined ? {} : { conditional }),
      })),
    }
  }

  /** Text for Mermaid, as LangGraph writes it. */
  drawMermaid(options: MermaidOptions = {}): string {
    return renderMermaid(this, options)
  }

  /** A picture that needs nothing else: no script, no font, no address. */
  drawSvg(options: SvgOptions = {}): string {
    return renderSvg(this, options)
  }
}
