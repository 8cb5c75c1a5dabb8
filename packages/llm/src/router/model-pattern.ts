/**
 * Matches names of models: each star stands for some text, or, with `any`, for none, too. `openai/*` matches
 * `openai/gpt-4o`.
 */
export function matcherOf(pattern: string, star: 'some' | 'any' = 'some'): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${parts.join(star === 'some' ? '(.+)' : '.*')}$`, 's')
}

/** Puts what the stars stood for into those of another text, left to right. */
export function fillPattern(text: string, matcher: RegExp, asked: string): string {
  const found = matcher.exec(asked)?.slice(1) ?? []
  let index = 0
  return text.replaceAll('*', () => found[index++] ?? asked)
}

/** How much of a pattern is not for anything: of several that match the longest is meant. */
export function fixedLength(pattern: string): number {
  return pattern.replaceAll('*', '').length
}
