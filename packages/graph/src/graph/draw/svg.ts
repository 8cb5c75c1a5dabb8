import { firstNode, lastNode } from './drawing.ts'
import type { Drawing } from './drawing.ts'
import { layOut } from './layout.ts'
import type { PlacedEdge, PlacedNode } from './layout.ts'

export interface SvgOptions {
  /** Title for those who cannot see the picture. */
  readonly title?: string | undefined
  readonly nodeFill?: string | undefined
  readonly endFill?: string | undefined
  readonly stroke?: string | undefined
  readonly background?: string | undefined
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}
// What XML does not allow in any form.
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function xml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** How far beside a node an edge that leads back up goes. */
const DETOUR = 30

/** The way of an edge, and the middle of it, where its label stands. */
function way({ from, to, isBack }: PlacedEdge): { path: string; x: number; y: number } {
  if (!isBack) {
    const [x1, y1] = [from.x + from.width / 2, from.y + from.height]
    const [x2, y2] = [to.x + to.width / 2, to.y]
    const bend = (y2 - y1) / 2
    const path = `M${round(x1)},${round(y1)} C${round(x1)},${round(y1 + bend)} ${round(x2)},${round(y2 - bend)} ${round(x2)},${round(y2)}`
    return { path, x: (x1 + x2) / 2, y: (y1 + y2) / 2 }
  }
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2 + 4]
  const [x2, y2] = [to.x + to.width, to.y + to.height / 2 - 4]
  const out = Math.max(x1, x2) + DETOUR
  const path = `M${round(x1)},${round(y1)} C${round(out)},${round(y1)} ${round(out)},${round(y2)} ${round(x2)},${round(y2)}`
  return { path, x: out - DETOUR / 4, y: (y1 + y2) / 2 }
}

function renderEdge(placed: PlacedEdge, stroke: string): string {
  const { path, x, y } = way(placed)
  const { data, conditional } = placed.edge
  const dashes = conditional === true ? ' stroke-dasharray="5,4"' : ''
  const line = `<path d="${path}" fill="none" stroke="${stroke}"${dashes} marker-end="url(#tip)"/>`
  if (data === undefined) return line
  return `${line}<text x="${round(x)}" y="${round(y)}" class="on-edge">${xml(data)}</text>`
}

function renderNode(node: PlacedNode, fill: string, stroke: string, isEnd: boolean): string {
  const { x, y, width, height, label, facts } = node
  const middle = round(x + width / 2)
  const corner = isEnd ? height / 2 : 6
  const box = `<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" rx="${corner}" fill="${fill}" stroke="${stroke}"/>`
  const lines = facts.map(
    (fact, index) => `<text x="${middle}" y="${round(y + 40 + index * 14)}" class="fact">${xml(fact)}</text>`,
  )
  return `<g>${box}<text x="${middle}" y="${round(y + 24)}">${xml(label)}</text>${lines.join('')}</g>`
}

/** A drawing in layers: plain edges as lines, conditional ones dashed, ways back at the side. */
export function renderSvg(graph: Drawing, options: SvgOptions): string {
  const nodeFill = xml(options.nodeFill ?? '#f2f0ff')
  const endFill = xml(options.endFill ?? '#bfb6fc')
  const stroke = xml(options.stroke ?? '#555566')
  const { width, height, nodes, edges } = layOut(graph)
  const ends = new Set([firstNode(graph)?.id, lastNode(graph)?.id])
  const background =
    options.background === undefined
      ? ''
      : `<rect width="100%" height="100%" fill="${xml(options.background)}"/>`
  const size = `width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}"`
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">`,
    `<title>${xml(options.title ?? 'Graph')}</title>`,
    '<style>text{font:14px system-ui,sans-serif;text-anchor:middle;fill:#222233}',
    '.fact{font-size:11px;font-style:italic}.on-edge{font-size:12px;paint-order:stroke;stroke:#ffffff;stroke-width:4px}</style>',
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">',
    `<path d="M0,0L10,5L0,10z" fill="${stroke}"/></marker></defs>`,
    background,
    ...edges.map((edge) => renderEdge(edge, stroke)),
    ...nodes.map((node) =>
      renderNode(node, ends.has(node.id) ? endFill : nodeFill, stroke, ends.has(node.id)),
    ),
    '</svg>',
  ].join('')
}
