/** What a strategy may know of a deployment. */
export interface Candidate {
  id: string
  weight?: number | undefined
  /** Requests per minute it may take. */
  rpm?: number | undefined
  /** Tokens per minute it may take. */
  tpm?: number | undefined
  /** Lower ones are used first; only the lowest present are candidates at all. */
  order?: number | undefined
}

/** Chooses one of the candidates. Pure: `random` is a number from 0 up to 1. */
export interface Strategy {
  id: string
  pick: <Deployment extends Candidate>(
    candidates: readonly Deployment[],
    random: number,
  ) => Deployment | undefined
}

/** The candidates of the lowest `order`; those without one come last. */
export function lowestOrder<Deployment extends Candidate>(
  candidates: readonly Deployment[],
): readonly Deployment[] {
  let lowest = Number.POSITIVE_INFINITY
  for (const { order } of candidates) if (order !== undefined && order < lowest) lowest = order
  return lowest === Number.POSITIVE_INFINITY ? candidates : candidates.filter(({ order }) => order === lowest)
}
