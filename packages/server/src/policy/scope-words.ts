import type { Scope, ScopeKind } from './scope.ts'

interface Words {
  /** LiteLLM's name for it in headers and messages about rates. */
  readonly descriptor: string
  /** Begins what LiteLLM says of an exhausted budget; left out: nothing stands before it. */
  readonly budget?: ((id: string) => string) | undefined
}

const WORDS: Readonly<Record<ScopeKind, Words>> = {
  global: { descriptor: 'proxy' },
  organization: { descriptor: 'organization', budget: (id) => `Organization=${id}` },
  team: { descriptor: 'team', budget: (id) => `Team=${id}` },
  organization_member: {
    descriptor: 'organization_member',
    budget: (id) => `User=${partOf(id)} in Organization=${ownerOf(id)}`,
  },
  team_member: {
    descriptor: 'team_member',
    budget: (id) => `User=${partOf(id)} in Team=${ownerOf(id)}`,
  },
  user: { descriptor: 'user', budget: (id) => `User=${id}` },
  key: { descriptor: 'api_key' },
  end_user: { descriptor: 'end_user', budget: (id) => `End User=${id}` },
  tag: { descriptor: 'tag', budget: (id) => `Tag=${id}` },
  agent: { descriptor: 'agent', budget: (id) => `Agent=${id}` },
  run: { descriptor: 'session', budget: (id) => `Session=${id}` },
  key_model: { descriptor: 'model_per_key', budget: (id) => `Model=${partOf(id)}` },
  team_model: { descriptor: 'model_per_team', budget: (id) => `Model=${partOf(id)} in Team=${ownerOf(id)}` },
  user_model: {
    descriptor: 'model_per_user',
    budget: (id) => `Model=${partOf(id)} for User=${ownerOf(id)}`,
  },
  end_user_model: {
    descriptor: 'model_per_end_user',
    budget: (id) => `Model=${partOf(id)} for End User=${ownerOf(id)}`,
  },
  organization_model: {
    descriptor: 'model_per_organization',
    budget: (id) => `Model=${partOf(id)} in Organization=${ownerOf(id)}`,
  },
  key_tag: { descriptor: 'tag_per_key', budget: (id) => `Tag=${partOf(id)}` },
  deployment: { descriptor: 'deployment', budget: (id) => `Deployment=${id}` },
}

export function descriptorOf({ kind }: Scope): string {
  return WORDS[kind].descriptor
}

/** Who it is, as LiteLLM writes it: `Team=t-1`. A key is not named: its hash is nobody's business. */
export function nameInBudget({ kind, id }: Scope): string | undefined {
  return WORDS[kind].budget?.(id.slice(0, MAX_SHOWN))
}

/** Who it is, for messages about rates. */
export function nameInRate({ kind, id }: Scope): string {
  const shown = id.slice(0, MAX_SHOWN)
  if (kind === 'key') return 'this key'
  return kind === 'key_model' || kind === 'key_tag' ? `this key and ${partOf(shown)}` : shown
}

/** End users and tags are what clients say they are. */
const MAX_SHOWN = 200

/** What a scope within another one names: the model, member or tag. The owner's id holds no slash. */
export function partOf(id: string): string {
  return splitAt(id, id.indexOf('/'))[1]
}

function ownerOf(id: string): string {
  return splitAt(id, id.indexOf('/'))[0]
}

function splitAt(text: string, at: number): readonly [string, string] {
  return at < 0 ? ['', text] : [text.slice(0, at), text.slice(at + 1)]
}
