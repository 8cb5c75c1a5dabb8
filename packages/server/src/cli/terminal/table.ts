import { printable } from './printable.ts'

/** A column of a table. */
export interface Field<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  /** `decimal`: numbers stand with their points below each other. `left` when left out. */
  readonly align?: 'left' | 'right' | 'decimal'
  /** Left out of a table in which no row has anything to say. */
  readonly optional?: boolean
  /** What stands below the line. */
  readonly total?: (rows: readonly Row[]) => string
}

const GAP = '  '

/** Rows below titles, each column as wide as its widest cell, and the totals of columns that have one. */
export function renderTable<Row>(fields: readonly Field<Row>[], rows: readonly Row[]): string {
  const columns = fields
    .filter(({ optional, cell }) => optional !== true || rows.some((row) => cell(row) !== ''))
    .map((field) => columnOf(field, rows))
  const lines = [
    columns.map(({ title, place }) => place(title)),
    ...rows.map((_, index) => columns.map(({ texts, place }) => place(texts[index] ?? ''))),
  ]
  if (fields.some(({ total }) => total !== undefined))
    lines.push(
      columns.map(({ place }) => '─'.repeat(widthOf(place('')))),
      columns.map(({ texts, place }) => place(texts.at(-1) ?? '')),
    )
  return lines.map((cells) => `${cells.join(GAP).trimEnd()}\n`).join('')
}

/** The texts of a column, the total last, and how to fill them up to its width. */
function columnOf<Row>(
  { title, cell, align = 'left', total }: Field<Row>,
  rows: readonly Row[],
): { title: string; texts: readonly string[]; place: (text: string) => string } {
  const written = [...rows.map(cell), total?.(rows) ?? ''].map(printable)
  const texts = align === 'decimal' ? withPointsAligned(written) : written
  const width = Math.max(...[title, ...texts].map(widthOf))
  const place = (text: string): string => {
    const padding = ' '.repeat(width - widthOf(text))
    return align === 'left' ? text + padding : padding + text
  }
  return { title, texts, place }
}

/** Fills up what stands behind the point, so that right-aligned numbers have their points below each other. */
function withPointsAligned(texts: readonly string[]): string[] {
  const fractionOf = (text: string): number => (text.includes('.') ? text.length - text.indexOf('.') : 0)
  const longest = Math.max(...texts.map(fractionOf))
  return texts.map((text) => text + ' '.repeat(longest - fractionOf(text)))
}

function widthOf(text: string): number {
  return [...text].length
}
