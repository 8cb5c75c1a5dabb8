import type { Json, JsonObject } from '@switchyard/llm/kit'
import { findGateway } from '../gateway/address.ts'
import type { GatewayFlags } from '../gateway/address.ts'
import { createAsk } from '../gateway/send.ts'
import type { KeyAnswer } from '../governance/answers.ts'
import { readKey, readNewKey } from '../governance/answers.ts'
import { countOf, limitFields, modelsText, shortId, spendFields, timeText } from '../governance/cells.ts'
import { fetchKeys, findKeyId } from '../governance/find-key.ts'
import { limitBody, withoutGaps } from '../governance/limits.ts'
import type { LimitFlags } from '../governance/limits.ts'
import { showList } from '../governance/listing.ts'
import type { Field } from '../terminal/table.ts'
import { exitCodes } from '../world.ts'
import type { World } from '../world.ts'

export interface CreateKeyFlags extends GatewayFlags, LimitFlags {
  alias?: string
  team?: string
  user?: string
  models?: string[]
  tags?: string[]
  expires?: string
  budgetId?: string
  metadata?: JsonObject
  json?: true
}

export interface ListKeysFlags extends GatewayFlags {
  team?: string
  user?: string
  json?: true
}

export interface RotateKeyFlags extends GatewayFlags {
  grace?: string
  json?: true
}

const fields: readonly Field<KeyAnswer>[] = [
  { title: 'alias', cell: (key) => key.key_alias ?? '', total: countOf('key') },
  { title: 'key', cell: (key) => key.key_name ?? '' },
  { title: 'id', cell: (key) => shortId(key.token) },
  { title: 'team', optional: true, cell: (key) => key.team_id ?? '' },
  { title: 'user', optional: true, cell: (key) => key.user_id ?? '' },
  { title: 'models', cell: (key) => modelsText(key.models) },
  ...spendFields,
  ...limitFields,
  { title: 'expires (UTC)', optional: true, cell: (key) => timeText(key.expires) },
  { title: 'state', optional: true, cell: (key) => (key.blocked === true ? 'blocked' : '') },
]

/** Makes a key. Standard output is the key and nothing else, so that a script can keep it. */
export async function createKey(flags: CreateKeyFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const { alias, team, user, models, tags, expires, budgetId, metadata } = flags
  const body = withoutGaps({
    key_alias: alias,
    team_id: team,
    user_id: user,
    models,
    tags,
    duration: expires,
    budget_id: budgetId,
    metadata,
    ...limitBody(flags),
  })
  showNewKey(await ask({ path: '/key/generate', body }), flags, world)
  return exitCodes.done
}

export async function listKeys(flags: ListKeysFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const keys = await fetchKeys(ask, { team_id: flags.team, user_id: flags.user })
  showList(keys, readKey, fields, flags, world)
  return exitCodes.done
}

/** Ends keys for good; all of them or, when one is not found, none. */
export async function revokeKeys(
  named: readonly string[],
  flags: GatewayFlags,
  world: World,
): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const ids: string[] = []
  for (const name of named) ids.push(await findKeyId(ask, name))
  await ask({ path: '/key/delete', body: { keys: ids } })
  world.stdout.write(`Revoked: ${ids.map(shortId).join(', ')}\n`)
  return exitCodes.done
}

/** Gives a key a new secret under the same limits and spend; the old one ends now, or after the grace period. */
export async function rotateKey(named: string, flags: RotateKeyFlags, world: World): Promise<number> {
  const ask = createAsk(await findGateway(flags, world))
  const id = await findKeyId(ask, named)
  const body = withoutGaps({ grace_period: flags.grace })
  showNewKey(await ask({ path: `/key/${id}/regenerate`, body }), flags, world)
  return exitCodes.done
}

function showNewKey(answer: Json, { json }: { json?: true }, world: World): void {
  const { key, token } = readNewKey(answer)
  world.stdout.write(json === true ? `${JSON.stringify(answer, undefined, 2)}\n` : `${key}\n`)
  const id = token == null ? '' : ` Its id begins with ${shortId(token)}.`
  world.stderr.write(`Keep the key now: only its hash is stored, and nobody can show it again.${id}\n`)
}
