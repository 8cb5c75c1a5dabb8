import { renderMermaid } from './mermaid.ts'
import type { MermaidOptions } from './mermaid.ts'
import { renderSvg } from './svg.ts'
import type { SvgOptions } from './svg.ts'

export interface DrawableNode {
  /** Labels from the outermost graph inwards, joined by `:`. */
  readonly id: string
  readonly name: string
  /** What does the work; for those who look for it, never drawn. */
  readonly data?: unknown
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

export interface DrawableEdge {
  readonly source: string
  readonly target: string
  /** What the condition answers when it leads this way. */
  readonly data?: string | undefined
  /** Whether it is taken only at times. */
  readonly conditional?: boolean | undefined
}

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

/** The nodes and edges of a graph, to be drawn or handed on. Nothing here asks anything of the network. */
export class DrawableGraph {
  readonly nodes: Readonly<Record<string, DrawableNode>>
  readonly edges: readonly DrawableEdge[]

  constructor(parts: {
    readonly nodes: Readonly<Record<string, DrawableNode>>
    readonly edges: readonly DrawableEdge[]
  }) {
    this.nodes = parts.nodes
    this.edges = parts.edges
  }

  /** Where it begins: the one node that no edge leads to. */
  firstNode(): DrawableNode | undefined {
    const targets = new Set(this.edges.map(({ target }) => target))
    return onlyOne(Object.values(this.nodes).filter(({ id }) => !targets.has(id)))
  }

  /** Where it ends: the one node that no edge leaves. */
  lastNode(): DrawableNode | undefined {
    const sources = new Set(this.edges.map(({ source }) => source))
    return onlyOne(Object.values(this.nodes).filter(({ id }) => !sources.has(id)))
  }

  toJSON(): GraphJson {
    return {
      nodes: Object.values(this.nodes).map(({ id, name, data, metadata }) => ({
        id,
        type: data === undefined ? 'schema' : 'runnable',
        data: data === undefined ? { title: name } : { name },
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

function onlyOne<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined
}
