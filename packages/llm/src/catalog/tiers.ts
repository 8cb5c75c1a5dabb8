import type { RateTier } from '../types/model.ts'

/** Length tiers while their prices are still being collected, by the length they start above. */
export type TierDraft = Map<number, RateTier>

export function tierAt(draft: TierDraft, aboveInputTokens: number): RateTier {
  let tier = draft.get(aboveInputTokens)
  if (tier === undefined) {
    tier = { aboveInputTokens }
    draft.set(aboveInputTokens, tier)
  }
  return tier
}

/**
 * Ascending, each tier complete: a price that changed in a shorter tier and is not named in a longer one
 * stays changed. `undefined` where there are none.
 */
export function closeTiers(draft: TierDraft): readonly RateTier[] | undefined {
  if (draft.size === 0) return undefined
  const ascending = [...draft.values()].toSorted(
    (left, right) => left.aboveInputTokens - right.aboveInputTokens,
  )
  let shorter: Partial<RateTier> = {}
  return ascending.map((tier) => {
    const complete = { ...shorter, ...tier }
    shorter = complete
    return complete
  })
}
