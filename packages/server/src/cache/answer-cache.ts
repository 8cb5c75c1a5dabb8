import type { ResponseCache } from '@switchyard/llm/kit'
import type { CacheScope } from '../config/index.ts'

/** Answers that the gateway has given, to be given again. */
export interface AnswerCache {
  readonly responses: ResponseCache
  /** Who shares answers with each other. */
  readonly scope: CacheScope
  readonly close: () => Promise<void>
}
