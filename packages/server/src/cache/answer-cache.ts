import type { ResponseCache, VectorIndex } from '@switchyard/llm/kit'
import type { CacheScope } from '../config/index.ts'

/** Answers that the gateway has given, to be given again. */
export interface AnswerCache {
  readonly responses: ResponseCache
  /** Who shares answers with each other. */
  readonly scope: CacheScope
  /** Left out: only the same question gets an answer again. */
  readonly semantic?: SemanticSettings | undefined
  readonly close: () => Promise<void>
}

/** How questions are found that mean the same. */
export interface SemanticSettings {
  readonly index: VectorIndex
  readonly embeddingModel: string
  /** How near two questions have to be, from 0 to 1. */
  readonly threshold: number
}
