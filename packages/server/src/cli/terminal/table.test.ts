import { expect, it } from 'vitest'
import { renderTable } from './table.ts'
import type { Field } from './table.ts'

type Row = readonly [key: string, requests: number, cost: string, note?: string]

const fields: readonly Field<Row>[] = [
  { title: 'key', cell: ([key]) => key, total: (rows) => `${rows.length} keys` },
  {
    title: 'requests',
    align: 'right',
    cell: ([, count]) => String(count),
    total: (rows) => String(rows.reduce((sum, [, count]) => sum + count, 0)),
  },
  { title: 'note', optional: true, cell: ([, , , note]) => note ?? '' },
  { title: 'cost USD', align: 'decimal', cell: ([, , cost]) => cost },
]

it('aligns words left, counts right and money by its point', () => {
  const rows: Row[] = [
    ['web', 12, '0.00000015'],
    ['büro 🚋', 1200, '12.5'],
    ['none', 0, '0'],
  ]
  expect(renderTable(fields, rows)).toBe(
    [
      'key     requests     cost USD',
      'web           12   0.00000015',
      'büro 🚋      1200  12.5',
      'none           0   0',
      '──────  ────────  ───────────',
      '3 keys      1212',
      '',
    ].join('\n'),
  )
})

it('shows a column that may be left out when a row has something to say', () => {
  expect(renderTable(fields.slice(0, 3), [['a', 1, '', 'new']])).toContain('key     requests  note\n')
})

it('says of nothing that it is nothing', () => {
  expect(renderTable(fields.slice(0, 2), [])).toBe(
    ['key     requests', '──────  ────────', '0 keys         0', ''].join('\n'),
  )
})

it('shows letters that steer a terminal as what they are', () => {
  expect(renderTable(fields.slice(0, 1), [['a\u001B[2J\u202Eb\nc', 1, '']])).toContain('a�[2J�b�c')
})
