import { createError, matcherOf } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'

/** Names that stand for more than one model, as LiteLLM writes them in lists. */
const ALL_PROXY_MODELS = 'all-proxy-models'
const ALL_TEAM_MODELS = 'all-team-models'
const NO_DEFAULT_MODELS = 'no-default-models'

export interface AllowedModels {
  readonly of: 'key' | 'team' | 'user' | 'org' | 'team_member'
  /** Models, groups of models, patterns. Empty: all models. */
  readonly models: readonly string[]
}

/** What is known of a model that is asked for. */
export interface AskedModel {
  /** As it was asked for, after the key's own aliases. */
  readonly name: string
  /** What an alias of the gateway leads to. */
  readonly targets?: readonly string[] | undefined
  /** `model_info.access_groups` of any of its deployments. */
  readonly accessGroups?: readonly string[] | undefined
  /** The provider of a name that names none: `openai` for `gpt-4o`. */
  readonly provider?: string | undefined
}

/**
 * The first list that does not allow the model; `undefined` when all do. The answer is the same for as long as
 * lists, deployments and aliases are.
 */
export function denyingList<List extends AllowedModels>(
  lists: readonly List[],
  asked: AskedModel,
): List | undefined {
  const hasTeam = lists.some(({ of }) => of === 'team')
  return lists.find(({ models }) => !allows(models, asked, hasTeam))
}

function allows(models: readonly string[], asked: AskedModel, hasTeam: boolean): boolean {
  if (models.length === 0) return true
  return models.some((entry) => {
    if (entry === '*' || entry === ALL_PROXY_MODELS) return true
    // The team's own list is asked as well.
    if (entry === ALL_TEAM_MODELS) return hasTeam
    if (entry === NO_DEFAULT_MODELS) return false
    if (entry === asked.name || asked.accessGroups?.includes(entry) || asked.targets?.includes(entry))
      return true
    return entry.includes('*') && matches(entry, asked)
  })
}

function matches(pattern: string, { name, targets = [], provider }: AskedModel): boolean {
  const matcher = remembered(pattern)
  return (
    matcher.test(name) ||
    (provider !== undefined && matcher.test(`${provider}/${name}`)) ||
    targets.some((target) => matcher.test(target))
  )
}

const matchers = new Map<string, RegExp>()
const MAX_MATCHERS = 1_000

/** The star stands for any text, also for none. */
function remembered(pattern: string): RegExp {
  const known = matchers.get(pattern)
  if (known !== undefined) return known
  const matcher = matcherOf(pattern, 'any')
  if (matchers.size >= MAX_MATCHERS) matchers.clear()
  matchers.set(pattern, matcher)
  return matcher
}

/** 403 with LiteLLM's type and text; 401 by its older statuses. Names only what the list itself holds. */
export function modelDenied(
  list: AllowedModels,
  model: string,
  statuses: 'current' | 'legacy' = 'current',
): SwitchyardError {
  const who = list.of === 'team_member' ? 'team member' : list.of
  const type = `${list.of === 'team_member' ? 'team' : list.of}_model_access_denied`
  const models = `[${list.models.map((entry) => `'${entry}'`).join(', ')}]`
  return createError({
    code: 'permission_denied',
    status: statuses === 'legacy' ? 401 : 403,
    // No reason of our own: LiteLLM's clients look for the word in `type`, and for the status in `code`.
    type,
    param: 'model',
    message: `${who} not allowed to access model. This ${who} can only access models=${models}. Tried to access ${model.slice(0, 200)}`,
  })
}
