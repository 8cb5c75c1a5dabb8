import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keepAdminKey } from './admin-key.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchyard-key-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

async function modeOf(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777
}

describe('keepAdminKey', () => {
  it('makes a key that only the owner can read, in a folder that only the owner can open', async () => {
    const data = join(root, 'data')
    const { key, path, isNew } = await keepAdminKey(data)
    expect(isNew).toBe(true)
    expect(key.reveal()).toMatch(/^sk-[\w-]{32}$/)
    expect([await modeOf(path), await modeOf(data)]).toEqual([0o600, 0o700])
    expect(await readdir(data)).toEqual(['admin-key'])
    expect((await readFile(path, 'utf8')).trim()).toBe(key.reveal())
  })

  it('finds it again', async () => {
    const first = await keepAdminKey(root)
    const second = await keepAdminKey(root)
    expect([second.key.reveal(), second.isNew]).toEqual([first.key.reveal(), false])
  })

  it('gives starts that happen at once the same key', async () => {
    const kept = await Promise.all(
      [keepAdminKey(root), keepAdminKey(root)].map((one) => one.catch(() => undefined)),
    )
    const again = await keepAdminKey(root)
    for (const one of kept) expect(one?.key.reveal() ?? again.key.reveal()).toBe(again.key.reveal())
  })

  it('closes a file that others could read', async () => {
    const { path } = await keepAdminKey(root)
    await chmod(path, 0o644)
    await keepAdminKey(root)
    expect(await modeOf(path)).toBe(0o600)
  })

  it('does not take an empty file for a key', async () => {
    await writeFile(join(root, 'admin-key'), '\n')
    await expect(keepAdminKey(root)).rejects.toThrow(/admin-key is empty. Delete it/)
  })

  it('names the setting where nothing can be kept', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(keepAdminKey(join(root, 'file'))).rejects.toThrow(/with --data or SWITCHYARD_DATA/)
  })
})
