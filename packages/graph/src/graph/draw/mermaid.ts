import { firstNode, lastNode } from './drawing.ts'
import type { DrawableEdge, DrawableNode, Drawing } from './drawing.ts'

export interface MermaidOptions {
  /** Shapes, colours and the curve; without them only nodes' names and edges. Default: yes. */
  readonly withStyles?: boolean | undefined
  readonly curveStyle?: string | undefined
  /** CSS by class: `default`, `first`, `last`. */
  readonly nodeColors?: Readonly<Record<string, string>> | undefined
  /** Words of a label before it goes on in a new line. */
  readonly wrapLabelNWords?: number | undefined
}

const COLORS: Readonly<Record<string, string>> = {
  default: 'fill:#f2f0ff,line-height:1.2',
  first: 'fill-opacity:0',
  last: 'fill:#bfb6fc',
}
const MARKDOWN_MARKS = ['*', '_', '`']

/** An id that Mermaid takes. */
function escaped(id: string): string {
  return id.replaceAll(/[^a-zA-Z-_0-9]/g, '_')
}

function label({ name, metadata = {} }: DrawableNode): string {
  const last = name.split(':').at(-1) ?? ''
  const isMarkdown = MARKDOWN_MARKS.some((mark) => last.startsWith(mark) && last.endsWith(mark))
  const facts = Object.entries(metadata).map(([key, value]) => `${key} = ${String(value)}`)
  const plain = isMarkdown ? `<p>${last}</p>` : last
  return facts.length === 0 ? plain : `${plain}<hr/><small><em>${facts.join('\n')}</em></small>`
}

function wrapped(text: string, words: number): string {
  const all = text.split(' ')
  const lines = Array.from({ length: Math.ceil(all.length / words) }, (_, line) =>
    all.slice(line * words, (line + 1) * words).join(' '),
  )
  return lines.join('&nbsp;<br>&nbsp;')
}

function arrow({ data, conditional }: DrawableEdge, words: number): string {
  if (data === undefined) return conditional ? ' -.-> ' : ' --> '
  const text = wrapped(data, words)
  return conditional ? ` -. &nbsp;${text}&nbsp; .-> ` : ` -- &nbsp;${text}&nbsp; --> `
}

/** The subgraph that both ends of an edge are in; `''` for the outermost graph. */
function commonPrefix({ source, target }: DrawableEdge): string {
  const targets = target.split(':')
  return source
    .split(':')
    .filter((part, index) => part === targets[index])
    .join(':')
}

const depthOf = (prefix: string): number => prefix.split(':').length

export function renderMermaid(graph: Drawing, options: MermaidOptions): string {
  const { withStyles = true, curveStyle = 'linear', nodeColors = COLORS, wrapLabelNWords = 9 } = options
  const first = firstNode(graph)?.id
  const last = lastNode(graph)?.id
  const lines = ['graph TD;']
  const groups = Map.groupBy(graph.edges, commonPrefix)

  function addNodes(): void {
    for (const [id, node] of Object.entries(graph.nodes)) {
      const name = escaped(id)
      if (id === last) lines.push(`\t${name}([${label(node)}]):::last`)
      else if (id === first) lines.push(`\t${name}([${label(node)}]):::first`)
      else lines.push(`\t${name}(${label(node)})`)
    }
  }

  function addGroup(edges: readonly DrawableEdge[], prefix: string): void {
    const isSelfLoop = edges.length === 1 && edges[0]?.source === edges[0]?.target
    const isFramed = prefix !== '' && !isSelfLoop
    if (isFramed) lines.push(`\tsubgraph ${prefix.split(':').at(-1)}`)
    for (const [inner, inside] of groups) {
      if (inner.startsWith(`${prefix}:`) && depthOf(inner) === depthOf(prefix) + 1) addGroup(inside, inner)
    }
    for (const edge of edges) {
      lines.push(`\t${escaped(edge.source)}${arrow(edge, wrapLabelNWords)}${escaped(edge.target)};`)
    }
    if (isFramed) lines.push('\tend')
  }

  if (withStyles) {
    lines.unshift(`%%{init: {'flowchart': {'curve': '${curveStyle}'}}}%%`)
    addNodes()
  }
  addGroup(groups.get('') ?? [], '')
  for (const [prefix, edges] of groups) if (prefix !== '' && !prefix.includes(':')) addGroup(edges, prefix)
  if (withStyles)
    for (const [name, css] of Object.entries(nodeColors)) lines.push(`\tclassDef ${name} ${css};`)
  return `${lines.join('\n')}\n`
}
