/** The candidate that a misspelt word most likely means. */
export type Suggester = (word: string) => string | undefined

/** `nearest` among the same candidates, for at most `limit` different words, so that huge files stay cheap. */
export function createSuggester(candidates: Iterable<string>, maxDistance = 3, limit = 200): Suggester {
  const answers = new Map<string, string | undefined>()
  return (word) => {
    if (!answers.has(word) && answers.size < limit) answers.set(word, nearest(word, candidates, maxDistance))
    return answers.get(word)
  }
}

const maxCandidates = 2000

/** The candidate that a misspelt word most likely means, or `undefined` when none is near. */
export function nearest(word: string, candidates: Iterable<string>, maxDistance = 3): string | undefined {
  const wanted = simplify(word)
  const limit = Math.min(maxDistance, wanted.length <= 4 ? 1 : wanted.length <= 10 ? 2 : 3)
  let best: string | undefined
  let bestDistance = limit + 1
  let seen = 0
  for (const candidate of candidates) {
    seen += 1
    if (seen > maxCandidates) break
    if (Math.abs(candidate.length - word.length) > limit + 2) continue
    const distance = editDistance(wanted, simplify(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** `apiBase`, `api-base` and `API_BASE` are the same word. */
function simplify(word: string): string {
  return word.replaceAll(/[-_\s]/g, '').toLowerCase()
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(left: string, right: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1]
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[right.length] ?? 0
}
