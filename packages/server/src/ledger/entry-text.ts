import { rememberBy } from '../policy/remember.ts'
import type { LoggedAttempt } from './entry.ts'

/** An object that many requests share and nobody changes, as JSON: made once. */
export const jsonOf: (value: object) => string = rememberBy((value) => JSON.stringify(value))

/** An attempt as the journal and the logs have it: money is written as text. */
export type AttemptJson = Omit<LoggedAttempt, 'costPicoUsd'> & { costPicoUsd: string }

/** The attempts of a request as JSON. */
export function attemptsText(attempts: readonly LoggedAttempt[]): string {
  return JSON.stringify(
    attempts.map(({ costPicoUsd, ...attempt }): AttemptJson => ({
      ...attempt,
      costPicoUsd: String(costPicoUsd),
    })),
  )
}
