import type { Candidate, Strategy } from '../strategy.ts'

/**
 * LiteLLM's default: a weighted draw. The first candidate decides by what: `weight`, else `rpm`, else
 * `tpm`; candidates without that figure weigh nothing. Where none is given, or all weigh nothing, each
 * is as likely as the others.
 */
export const simpleShuffle: Strategy = {
  id: 'simple-shuffle',
  pick: (candidates, { random }) => {
    const [first] = candidates
    if (first === undefined || candidates.length === 1) return first
    const measure = measureOf(first)
    let total = 0
    if (measure !== undefined) for (const candidate of candidates) total += candidate[measure] ?? 0
    if (measure === undefined || total <= 0)
      return candidates[Math.floor(random() * candidates.length)] ?? first
    let rest = random() * total
    for (const candidate of candidates) {
      rest -= candidate[measure] ?? 0
      if (rest < 0) return candidate
    }
    return candidates.at(-1)
  },
}

function measureOf({ weight, rpm, tpm }: Candidate): 'weight' | 'rpm' | 'tpm' | undefined {
  if (weight !== undefined) return 'weight'
  if (rpm !== undefined) return 'rpm'
  return tpm === undefined ? undefined : 'tpm'
}
