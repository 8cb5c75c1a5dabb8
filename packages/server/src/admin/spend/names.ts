import type { ScopeKind } from '../../policy/scope.ts'
import type { Queries } from '../../store/database.ts'
import { resourceTable } from '../../store/tables/resources.ts'

/** What LiteLLM's reports say of keys besides their hash. */
export interface KeyNames {
  readonly key_alias: string | null
  readonly key_name: string | null
  readonly team_id: string | null
}

const unnamed: KeyNames = { key_alias: null, key_name: null, team_id: null }

export async function namesOfKeys(
  db: Queries,
  hashes: readonly string[],
): Promise<(hash: string) => KeyNames> {
  const keys = await resourceTable('keys').getMany(db, hashes)
  return (hash) => {
    const key = keys.get(hash)
    return key === undefined
      ? unnamed
      : { key_alias: key.alias, key_name: key.data.key_name ?? null, team_id: key.team_id }
  }
}

/** What people call teams, users and organizations, by their ids. */
export async function namesOfEntities(
  db: Queries,
  kind: ScopeKind,
  ids: readonly string[],
): Promise<(id: string) => Readonly<Record<string, unknown>>> {
  if (kind === 'team') {
    const teams = await resourceTable('teams').getMany(db, ids)
    return (id) => ({ team_alias: teams.get(id)?.alias ?? null, alias: teams.get(id)?.alias ?? null })
  }
  if (kind === 'user') {
    const users = await resourceTable('users').getMany(db, ids)
    return (id) => ({ user_email: users.get(id)?.email ?? null })
  }
  if (kind === 'organization') {
    const organizations = await resourceTable('organizations').getMany(db, ids)
    return (id) => ({ organization_alias: organizations.get(id)?.alias ?? null })
  }
  return () => ({})
}
