import { describe, expect, it } from 'vitest'
import { parseYaml } from './parse-yaml.ts'
import type { Located, Plain } from './tree.ts'

function toPlain(node: Located | undefined): Plain | undefined {
  if (node === undefined || node.kind === 'scalar') return node?.value
  if (node.kind === 'list') return node.items.map((item) => toPlain(item) ?? null)
  return Object.fromEntries([...node.entries].map(([key, child]) => [key, toPlain(child) ?? null]))
}

const readable: [name: string, text: string, expected: Plain][] = [
  [
    'maps, lists and scalars',
    'a: [1, yes, "2"]\nb: {c: true, d: }',
    { a: [1, 'yes', '2'], b: { c: true, d: null } },
  ],
  ['capital booleans of Python', 'verbose: True', { verbose: true }],
  ['dates stay texts', 'api_version: 2024-10-21', { api_version: '2024-10-21' }],
  ['numbers as keys', '404: [a]\n1e3: b', { '404': ['a'], '1e3': 'b' }],
  ['anchors', 'a: &x {k: 1}\nb: *x', { a: { k: 1 }, b: { k: 1 } }],
  ['the last anchor of a name', 'a: &x 1\nb: *x\nc: &x 2\nd: *x', { a: 1, b: 1, c: 2, d: 2 }],
  [
    'merge keys give way to own keys',
    'a: &x {k: 1, l: 2}\nb:\n  k: 3\n  <<: *x',
    { a: { k: 1, l: 2 }, b: { k: 3, l: 2 } },
  ],
  [
    'the first of several merged maps wins',
    'a: &x {k: 1}\nb: &y {k: 2, m: 3}\nc: {<<: [*x, *y]}',
    {
      a: { k: 1 },
      b: { k: 2, m: 3 },
      c: { k: 1, m: 3 },
    },
  ],
  ['a byte order mark', '\uFEFFa: 1', { a: 1 }],
  ['Windows line ends', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
]

const refused: [name: string, text: string, line: number, column: number, message: RegExp][] = [
  ['an empty file', '', 1, 1, /empty/],
  ['only comments', '# nothing\n', 1, 1, /empty/],
  ['a missing bracket', 'a: [1, 2\nb: 3', 2, 1, /missing|indentation|does not belong/],
  ['a tab', 'a:\n\tb: 1', 2, 1, /tab/],
  ['a missing space after a colon', 'a:\n  api_key:sk-1\n  b: 2', 2, 3, /one line|missing/],
  ['a second document', 'a: 1\n---\nb: 2', 2, 1, /more than one document/],
  ['an alias without an anchor', 'a: *nobody', 1, 1, /anchor/],
  ['a key twice', 'a:\n  b: 1\n  c: 2\n  b: 3', 4, 3, /twice; the first time in line 2/],
  ['a map as a key', '{a: 1}: b', 1, 1, /simple text/],
  ['a prototype as a key', '__proto__: {a: 1}', 1, 1, /simple text/],
  ['an anchor inside itself', 'a: &x [*x]', 1, 8, /deeper than 64/],
  ['too many levels', `a: ${'['.repeat(100)}${']'.repeat(100)}`, 1, 1, /deeper than 64/],
  ['a merge of a text', 'a: {<<: text}', 1, 5, /only merge maps/],
  ['an unknown tag', 'a: !!python/object:os.system x', 1, 4, /tag/],
]

describe('parseYaml', () => {
  it.each(readable)('reads %s', (_, text, expected) => {
    const { root, findings } = parseYaml(text, 'config.yaml')
    expect(findings).toEqual([])
    expect(toPlain(root)).toEqual(expected)
  })

  it.each(refused)('names the place of %s', (_, text, line, column, message) => {
    const { findings } = parseYaml(text, 'config.yaml')
    expect(findings[0]).toMatchObject({ file: 'config.yaml', line, column })
    expect(findings[0]?.message).toMatch(message)
  })

  it('tells where each value is written, also behind anchors', () => {
    const { root } = parseYaml('a: &x\n  k: 1\nlist:\n  - *x\n', 'config.yaml')
    const list = root?.kind === 'map' ? root.entries.get('list') : undefined
    const item = list?.kind === 'list' ? list.items[0] : undefined
    expect(item?.at).toEqual({ file: 'config.yaml', line: 4, column: 5 })
    const key = item?.kind === 'map' ? item.entries.get('k') : undefined
    expect(key?.at).toEqual({ file: 'config.yaml', line: 2, column: 3 })
  })

  it('stops an alias bomb', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const item = level === 0 ? '"x"' : `*l${level - 1}`
      return `l${level}: &l${level} [${Array(10).fill(item).join(', ')}]`
    })
    const { root, findings } = parseYaml(levels.join('\n'), 'bomb.yaml')
    expect(root).toBeUndefined()
    expect(findings.map((finding) => finding.message)).toEqual([
      expect.stringMatching(/more than 200000 values/),
    ])
  })

  it('refuses a file of many megabytes unread', () => {
    const { findings } = parseYaml('a: 1\n'.repeat(500_000), 'big.yaml')
    expect(findings[0]?.message).toMatch(/larger than 2 MiB/)
  })

  it.each([
    [10_000, []],
    [10_001, ['a map holds more than 10000 keys']],
  ])('limits the keys of a map: %i', (keys, expected) => {
    const text = Array.from({ length: keys }, (_, index) => `k${index}: 1`).join('\n')
    expect(parseYaml(text, 'wide.yaml').findings.map((finding) => finding.message)).toEqual(expected)
  })

  it.each([
    ['a: [sk-very-secret', ''],
    ['a: "sk-very-secret', ''],
    ['a: b\n  sk-very-secret: c: d', ''],
    ['a: 1\n- sk-very-secret', ''],
    ['sk-very-secret: 1\nsk-very-secret: 2', ''],
    ['{a:sk-very-secret: 1, a:sk-very-secret: 2}', ''],
  ])('does not quote the source in a finding: %s', (text) => {
    const { findings } = parseYaml(text, 'config.yaml')
    expect(findings.length).toBeGreaterThan(0)
    expect(JSON.stringify(findings)).not.toContain('very-secret')
  })
})
