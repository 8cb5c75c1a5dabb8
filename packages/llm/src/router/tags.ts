/** What a deployment says about the requests it is for. */
export interface TaggedDeployment {
  readonly tags?: readonly string[] | undefined
  /** Patterns for what the request says about its client: `User-Agent: claude-cli/2.1`. */
  readonly tagPatterns?: readonly RegExp[] | undefined
}

export interface TagRules {
  readonly enabled: boolean
  /** One tag in common is enough; else a deployment must have all of the request's. */
  readonly matchAny: boolean
}

/** Marks the deployments for requests without tags, and for those whose tags nobody has. */
const DEFAULT_TAG = 'default'

/** What a request says of itself. */
export interface TaggedRequest {
  readonly tags: readonly string[]
  /** Lines such as `User-Agent: claude-cli/2.1`. */
  readonly about?: readonly string[] | undefined
}

/**
 * The deployments for a request's tags: those that match, else those tagged `default`. For a request without tags
 * those tagged `default`, where there are any, else all. Empty: the tags lead nowhere.
 */
export function matchTags<Deployment extends TaggedDeployment>(
  candidates: readonly Deployment[],
  request: TaggedRequest,
  { matchAny }: TagRules,
): readonly Deployment[] {
  const about = request.about ?? []
  const byPattern =
    about.length === 0
      ? []
      : candidates.filter(({ tagPatterns }) =>
          tagPatterns?.some((pattern) => about.some((line) => pattern.test(line))),
        )
  if (request.tags.length === 0 && byPattern.length === 0) {
    const defaults = candidates.filter(isDefault)
    return defaults.length > 0 ? defaults : candidates.filter(({ tagPatterns }) => tagPatterns === undefined)
  }
  const wanted = request.tags
  const matching = candidates.filter((candidate) => {
    if (byPattern.includes(candidate)) return true
    const { tags } = candidate
    if (tags === undefined || tags.length === 0 || wanted.length === 0) return false
    return matchAny ? wanted.some((tag) => tags.includes(tag)) : wanted.every((tag) => tags.includes(tag))
  })
  return matching.length > 0 ? matching : candidates.filter(isDefault)
}

function isDefault({ tags }: TaggedDeployment): boolean {
  return tags?.includes(DEFAULT_TAG) === true
}
