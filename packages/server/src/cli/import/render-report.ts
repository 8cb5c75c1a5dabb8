import { formatUsd } from '@switchyard/llm/kit'
import { COUNTED_TO } from '../../litellm-import/source.ts'
import type { ImportReport, KindReport, Note } from '../../litellm-import/report.ts'
import { shortId } from '../governance/cells.ts'
import { renderTable } from '../terminal/table.ts'
import type { Field } from '../terminal/table.ts'

type Counts = Omit<KindReport, 'what' | 'from'>

const kindFields: readonly Field<KindReport>[] = [
  { title: 'what', cell: ({ what }) => what, total: () => 'total' },
  { title: "LiteLLM's table", cell: ({ from }) => from },
  countField('found', ({ found }) => found),
  countField('new', ({ created }) => created),
  countField('updated', ({ updated }) => updated),
  countField('kept', ({ kept }) => kept),
  countField('left out', ({ leftOut }) => leftOut),
  {
    title: 'spent so far USD',
    align: 'decimal',
    cell: ({ spentPicoUsd }) => formatUsd(spentPicoUsd),
  },
]

const noteFields: readonly Field<Note>[] = [
  { title: 'what', cell: ({ what }) => what },
  { title: 'rows', align: 'right', cell: ({ count }) => String(count) },
  { title: 'note', cell: ({ message }) => message },
  {
    title: 'which',
    cell: ({ ids, count }) => `${ids.map(shorten).join(', ')}${count > ids.length ? ' …' : ''}`,
  },
]

/** Hashes of keys are long, and their beginnings tell them apart. */
function shorten(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? shortId(id) : id
}

const tableFields: readonly Field<ImportReport['leftTables'][number]>[] = [
  { title: 'table', cell: ({ table }) => table },
  {
    title: 'rows',
    align: 'right',
    cell: ({ rows }) => (rows < COUNTED_TO ? String(rows) : `${rows} or more`),
  },
  { title: 'why', cell: ({ why }) => why },
]

/** What was taken over, what was not, and why. */
export function renderReport({ kinds, notes, leftTables }: ImportReport): string {
  return [
    renderTable(
      kindFields,
      kinds.filter(({ found }) => found > 0),
    ),
    ...(notes.length === 0 ? [] : ['What is different here:\n', renderTable(noteFields, notes)]),
    ...(leftTables.length === 0
      ? []
      : ['Tables that stay where they are:\n', renderTable(tableFields, leftTables)]),
  ].join('\n')
}

/** The same for programs; money as exact decimal text. */
export function reportJson({ kinds, notes, leftTables }: ImportReport): object {
  return {
    kinds: kinds.map(({ what, from, found, created, updated, kept, leftOut, spentPicoUsd }) => ({
      what,
      from,
      found,
      created,
      updated,
      kept,
      left_out: leftOut,
      spent_usd: formatUsd(spentPicoUsd),
    })),
    notes,
    left_tables: leftTables,
  }
}

function countField(title: string, count: (counts: Counts) => number): Field<KindReport> {
  return {
    title,
    align: 'right',
    cell: (row) => String(count(row)),
    total: (rows) => String(rows.reduce((sum, row) => sum + count(row), 0)),
  }
}
