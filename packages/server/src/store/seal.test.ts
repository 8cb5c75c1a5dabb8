import { describe, expect, it } from 'vitest'
import { createSealer } from './seal.ts'

const row = { table: 'models', id: 'm1' }
const key = (text: string) => ({ reveal: () => text })
const sealer = createSealer([key('salt')])

describe('createSealer', () => {
  it.each(['sk-provider', '', 'ключ 🔑', 'x'.repeat(100_000)])(
    'opens what it sealed: %.20s',
    async (text) => {
      const sealed = await sealer.seal(text, row)
      expect(sealed).toMatch(/^1\.[\da-f]{8}\.[\w-]+$/)
      if (text !== '') expect(sealed).not.toContain(text)
      expect(await sealer.open(sealed, row)).toBe(text)
    },
  )

  it('never seals twice alike', async () => {
    expect(await sealer.seal('a', row)).not.toBe(await sealer.seal('a', row))
  })

  it('opens what an earlier key has sealed, and seals with the first', async () => {
    const old = await sealer.seal('a', row)
    const both = createSealer([key('new'), key('salt')])
    expect(await both.open(old, row)).toBe('a')
    const fresh = await both.seal('a', row)
    await expect(sealer.open(fresh, row)).rejects.toThrow('under another key')
    expect(await createSealer([key('new')]).open(fresh, row)).toBe('a')
  })

  it('seals and opens nothing without a key', async () => {
    const none = createSealer([])
    await expect(none.seal('a', row)).rejects.toMatchObject({
      reason: 'sealed',
      message: expect.stringContaining('Set SWITCHYARD_SALT_KEY'),
    })
    await expect(none.open(await sealer.seal('a', row), row)).rejects.toMatchObject({ reason: 'sealed' })
  })

  const spoiled: readonly [name: string, spoil: (sealed: string) => string, message: string][] = [
    ['another form', (sealed) => sealed.replace(/^1/, '2'), 'not in a form'],
    ['no form', () => 'sk-provider', 'not in a form'],
    ['another key', (sealed) => sealed.replace(/\.[\da-f]{8}\./, '.00000000.'), 'under another key'],
    ['a changed end', (sealed) => `${sealed.slice(0, -4)}AAAA`, 'changed or moved'],
    ['a cut end', (sealed) => sealed.slice(0, -4), 'changed or moved'],
    ['nothing behind the key', (sealed) => sealed.replace(/[^.]*$/, ''), 'changed or moved'],
  ]
  it.each(spoiled)('does not open %s', async (_, spoil, message) => {
    const sealed = await sealer.seal('sk-provider', row)
    await expect(sealer.open(spoil(sealed), row)).rejects.toMatchObject({
      reason: 'sealed',
      message: expect.stringContaining(message),
    })
  })

  it.each([
    { table: 'models', id: 'm2' },
    { table: 'credentials', id: 'm1' },
  ])('does not open it in another row: $table $id', async (other) => {
    const sealed = await sealer.seal('a', row)
    await expect(sealer.open(sealed, other)).rejects.toThrow('changed or moved')
  })
})
