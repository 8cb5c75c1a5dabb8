/** What keeps a request with the deployment that answered one like it: LiteLLM's `optional_pre_call_checks`. */
export const AFFINITY_CHECKS = [
  'responses_api_deployment_check',
  'encrypted_content_affinity',
  'prompt_caching',
  'session_affinity',
  'deployment_affinity',
] as const

export type AffinityCheck = (typeof AFFINITY_CHECKS)[number]

/** Which deployment answered what belongs together. Bounded, and forgotten some time after it was used last. */
export interface Affinity {
  /** The checks that hold for a model group, those that weigh more first. */
  readonly checksOf: (group: string) => readonly AffinityCheck[]
  readonly find: (key: string) => string | undefined
  readonly remember: (key: string, deploymentId: string) => void
}

export interface AffinityInput {
  readonly optional_pre_call_checks?: readonly string[] | null | undefined
  /** By model group; these hold instead. */
  readonly model_group_affinity_config?: Readonly<Record<string, readonly string[]>> | null | undefined
  readonly deployment_affinity_ttl_seconds?: number | null | undefined
}

/** LiteLLM's own time. */
const DEFAULT_TTL_S = 3_600
const MAX_KEYS = 50_000

export function createAffinity(
  {
    optional_pre_call_checks: checks,
    model_group_affinity_config: byGroup,
    deployment_affinity_ttl_seconds: ttlS,
  }: AffinityInput,
  nowMs: () => number,
): Affinity {
  const ttlMs = (ttlS ?? DEFAULT_TTL_S) * 1000
  const general = knownOf(checks ?? [])
  const groups = new Map(Object.entries(byGroup ?? {}).map(([group, own]) => [group, knownOf(own)]))
  /** In the order in which they were used last. */
  const known = new Map<string, { readonly id: string; readonly untilMs: number }>()
  return {
    checksOf: (group) => (groups.size === 0 ? general : (groups.get(group) ?? general)),
    find: (key) => {
      const found = known.get(key)
      return found === undefined || found.untilMs <= nowMs() ? undefined : found.id
    },
    remember: (key, id) => {
      known.delete(key)
      known.set(key, { id, untilMs: nowMs() + ttlMs })
      if (known.size <= MAX_KEYS) return
      const [oldest] = known.keys()
      if (oldest !== undefined) known.delete(oldest)
    },
  }
}

function knownOf(written: readonly string[]): readonly AffinityCheck[] {
  return AFFINITY_CHECKS.filter((check) => written.includes(check))
}
