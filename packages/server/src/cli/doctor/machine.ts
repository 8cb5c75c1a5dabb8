import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, systemCodeOf } from '../world.ts'
import type { Check } from './check.ts'

const NEEDED_MAJOR = 24

export function checkNode(version: string): Check {
  const isNew = Number.parseInt(version, 10) >= NEEDED_MAJOR
  return isNew
    ? { verdict: 'ok', subject: 'node', message: version }
    : { verdict: 'failure', subject: 'node', message: version, fix: `install Node ${NEEDED_MAJOR} or newer` }
}

/** Whether the server could keep something there; nothing is made. */
export async function checkDataDirectory(path: string): Promise<Check> {
  const subject = 'data'
  try {
    await access(await nearestExisting(path), constants.W_OK | constants.X_OK)
    return { verdict: 'ok', subject, message: `${path} can be written` }
  } catch (error) {
    return {
      verdict: 'failure',
      subject,
      message: `${path} cannot be written: ${messageOf(error)}`,
      fix: 'choose another folder with --data or SWITCHYARD_DATA',
    }
  }
}

/** The folder itself, or the nearest one above that is there. */
async function nearestExisting(path: string): Promise<string> {
  try {
    await access(path)
    return path
  } catch (error) {
    const parent = dirname(path)
    if (systemCodeOf(error) !== 'ENOENT' || parent === path) throw error
    return nearestExisting(parent)
  }
}
