import type { Strategy } from '../strategy.ts'

/**
 * LiteLLM's default: a weighted draw. The first candidate decides by what: `weight`, else `rpm`, else
 * `tpm`; candidates without that figure weigh nothing. Where none is given, or all weigh nothing, each
 * is as likely as the others.
 */
export const simpleShuffle: Strategy = {
  id: 'simple-shuffle',
  pick: (candidates, random) => {
    const first = candidates[0]
    if (first === undefined || candidates.length === 1) return first
    const measure =
      first.weight !== undefined
        ? 'weight'
        : first.rpm !== undefined
          ? 'rpm'
          : first.tpm !== undefined
            ? 'tpm'
            : undefined
    const weights = candidates.map((candidate) => (measure === undefined ? 1 : (candidate[measure] ?? 0)))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    if (total <= 0) return candidates[Math.floor(random * candidates.length)] ?? first
    let rest = random * total
    for (const [index, candidate] of candidates.entries()) {
      rest -= weights[index] ?? 0
      if (rest < 0) return candidate
    }
    return candidates.at(-1)
  },
}
