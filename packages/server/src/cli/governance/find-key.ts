import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Ask } from '../gateway/send.ts'
import { CommandError } from '../world.ts'
import type { KeyAnswer } from './answers.ts'
import { readAnswer, readKey } from './answers.ts'

/** LiteLLM gives no more at once. */
const PAGE_SIZE = 100
const LEAST_ID_LETTERS = 6

const page = z.object({ keys: z.array(z.unknown()), total_pages: z.number().nullish() })

/** Which keys are meant; all of them where nothing is said. */
export interface KeyFilter {
  team_id?: string | undefined
  user_id?: string | undefined
  key_alias?: string | undefined
}

/** All keys, page by page, as the gateway gives them. */
export async function fetchKeys(ask: Ask, filter: KeyFilter): Promise<unknown[]> {
  const keys: unknown[] = []
  for (let number = 1, pages = 1; number <= pages; number += 1) {
    const query = { ...filter, page: number, size: PAGE_SIZE, return_full_object: true }
    const answer = readAnswer(page, await ask({ path: '/key/list', query }))
    keys.push(...answer.keys)
    pages = answer.total_pages ?? 1
  }
  return keys
}

/**
 * The id of the key that somebody means by the key itself, its id, the beginning of its id, or its alias. The key
 * itself is not sent. Throws `CommandError` when there is none, or more than one.
 */
export async function findKeyId(ask: Ask, named: string): Promise<string> {
  if (named.startsWith('sk-')) return createHash('sha256').update(named).digest('hex')
  if (/^[0-9a-f]{64}$/.test(named)) return named
  const keys = (await fetchKeys(ask, {})).map(readKey)
  const found = keys.filter((key) => key.key_alias === named)
  return only(found.length > 0 ? found : keys.filter(({ token }) => isBeginning(named, token)), named)
}

function isBeginning(named: string, token: string): boolean {
  return named.length >= LEAST_ID_LETTERS && token.startsWith(named)
}

function only(found: readonly KeyAnswer[], named: string): string {
  const [first, second] = found
  if (first === undefined)
    throw new CommandError(
      `No key is called '${named}', and no id begins so. See them with \`switchyard keys list\`.`,
    )
  if (second !== undefined)
    throw new CommandError(
      `'${named}' is the beginning of ${found.length} ids: write more of the one you mean.`,
    )
  return first.token
}
