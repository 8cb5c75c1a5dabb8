import { randomBytes } from 'node:crypto'
import { chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Secret } from '../../config/index.ts'
import { CommandError, exitCodes, messageOf, systemCodeOf } from '../world.ts'

const KEY_BYTES = 24
const OWNER_ONLY = 0o600

export interface AdminKey {
  key: Secret
  /** The file that keeps it. */
  path: string
  /** Whether it was made just now. */
  isNew: boolean
}

function adminKeyPath(dataDirectory: string): string {
  return join(dataDirectory, 'admin-key')
}

/** The key of an earlier start, or a new one that later starts find. Only the owner can read its file. */
export async function keepAdminKey(dataDirectory: string): Promise<AdminKey> {
  const path = adminKeyPath(dataDirectory)
  try {
    const known = await readAdminKey(dataDirectory)
    if (known !== undefined) {
      if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, OWNER_ONLY)
      return { key: known, path, isNew: false }
    }
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 })
    const key = `sk-${randomBytes(KEY_BYTES).toString('base64url')}`
    const isNew = await writeOnce(path, `${key}\n`)
    return isNew ? { key: new Secret(key), path, isNew } : await keepAdminKey(dataDirectory)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `The admin key cannot be kept in ${path}: ${messageOf(error)}\n` +
        'Choose a folder that can be written with --data or SWITCHYARD_DATA, or set SWITCHYARD_MASTER_KEY.',
      exitCodes.configuration,
    )
  }
}

/** The key that is kept, `undefined` when there is none yet. */
export async function readAdminKey(dataDirectory: string): Promise<Secret | undefined> {
  const path = adminKeyPath(dataDirectory)
  let text: string
  try {
    text = (await readFile(path, 'utf8')).trim()
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
  if (text === '')
    throw new CommandError(
      `${path} is empty. Delete it, and the next start makes a new key.`,
      exitCodes.configuration,
    )
  return new Secret(text)
}

/** Writes a file whole or not at all; `false` when another process was first. */
async function writeOnce(path: string, text: string): Promise<boolean> {
  const draft = `${path}.${process.pid}`
  await writeFile(draft, text, { mode: OWNER_ONLY, flag: 'wx' })
  try {
    await link(draft, path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
}
