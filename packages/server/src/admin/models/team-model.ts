import { resourceTable } from '../../store/tables/resources.ts'
import type { Resource } from '../../store/tables/resources.ts'
import { findTeam } from '../teams/change.ts'
import type { Work } from '../work.ts'

const ALL_MODELS = 'all-proxy-models'

/** What of a deployment says whose it is. */
interface TeamEntry {
  readonly model_name: string
  readonly model_info?: object | null | undefined
}

/**
 * A deployment of one team, as LiteLLM keeps it: under a name of its own, which the team's keys call by the public
 * one. The team may use it from now on, beside what it could use before. Others are left as they are.
 */
export async function giveToTeam<Entry extends TeamEntry>(entry: Entry, work: Work): Promise<Entry> {
  const teamId = new Map(Object.entries(entry.model_info ?? {})).get('team_id')
  if (typeof teamId !== 'string') return entry
  const team = await findTeam(teamId, work)
  const publicName = entry.model_name
  const model_name = team.data.model_aliases?.[publicName] ?? `model_name_${team.id}_${work.newId()}`
  const models = team.data.models ?? []
  await work.update('teams', team, {
    data: {
      ...team.data,
      models: [...new Set([...(models.length === 0 ? [ALL_MODELS] : models), publicName])],
      model_aliases: { ...team.data.model_aliases, [publicName]: model_name },
    },
  })
  return { ...entry, model_name, model_info: { ...entry.model_info, team_public_model_name: publicName } }
}

/** Takes the public name from the team whose last deployment of that name is deleted. */
export async function takeFromTeam(
  { id, model_name: name }: Resource<'models'>,
  { team_id: teamId, team_public_model_name: publicName }: Readonly<Record<string, unknown>>,
  work: Work,
): Promise<void> {
  if (typeof teamId !== 'string' || typeof publicName !== 'string') return
  const team = await resourceTable('teams').get(work.db, teamId)
  if (team?.data.model_aliases?.[publicName] !== name) return
  const same = await resourceTable('models').list(work.db, { where: { model_name: name } })
  if (same.some((other) => other.id !== id)) return
  const { [publicName]: _, ...model_aliases } = team.data.model_aliases
  const models = (team.data.models ?? []).filter((model) => model !== publicName)
  await work.update('teams', team, { data: { ...team.data, models, model_aliases } })
}
