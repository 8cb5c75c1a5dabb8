import { describe, expect, it } from 'vitest'
import { isInteger, isListOf, isRow, isText, isTextOrNull, isWide, rowReader } from './row-reader.ts'

interface Sample {
  readonly id: string
  readonly parent: string | null
  readonly index: number
  readonly place: string | number | bigint
  readonly writes: readonly { readonly task: string }[]
}

const read = rowReader<Sample>({
  id: isText,
  parent: isTextOrNull,
  index: isInteger,
  place: isWide,
  writes: isListOf(isRow({ task: isText })),
})

const SOUND: Sample = { id: 'a', parent: null, index: -1, place: '9007199254740993', writes: [{ task: 't' }] }

describe('a row reader', () => {
  it.each<[string, object]>([
    ['a whole row', {}],
    ['a text that may be missing', { parent: 'p' }],
    ['a wide integer as a number', { place: 7 }],
    ['a wide integer as a bigint', { place: 2n ** 63n }],
    ['an empty list', { writes: [] }],
    ['a column that nobody asked for', { extra: true }],
  ])('answers with %s as it is', (_, change) => {
    const row = { ...SOUND, ...change }
    expect(read(row)).toBe(row)
  })

  it.each<[string, object]>([
    ['id', { id: 1 }],
    ['id', { id: undefined }],
    ['parent', { parent: undefined }],
    ['index', { index: '1' }],
    ['index', { index: 1.5 }],
    ['index', { index: Number.NaN }],
    ['place', { place: null }],
    ['writes', { writes: '[]' }],
    ['writes', { writes: [{ task: 't' }, { task: 1 }] }],
    ['writes', { writes: [null] }],
  ])('names the column "%s" that does not hold what it should: %o', (column, change) => {
    const attempt = (): unknown => read({ ...SOUND, ...change })
    expect(attempt).toThrow(expect.objectContaining({ lc_error_code: 'checkpoint_corrupt' }))
    expect(attempt).toThrow(`its column "${column}"`)
  })

  it.each([undefined, null, 'a', 1])('refuses %o, which is no row', (row) => {
    expect(() => read(row)).toThrow('its column "id"')
  })
})
