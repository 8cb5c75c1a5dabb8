import { createError } from '../errors.ts'
import type { FallbackTarget } from '../router/index.ts'
import { askOne } from './ask-one.ts'
import type { Search } from './ask-one.ts'
import type { CallDeployment } from './deployment.ts'
import { callCost, tierOf } from './price.ts'
import { isAnswerStream } from './stream.ts'
import type { CallWatch } from './watch.ts'

/** Asks one deployment once. */
export type Ask = (deployment: CallDeployment, target: FallbackTarget | undefined) => Promise<object>

/** Looks for an answer among these, then among the fallbacks. */
export type Find = (search: Search, candidates: readonly CallDeployment[], ask: Ask) => Promise<object>

/** Has others go on with the stream of a call, each with a record of its own; the call's tells of all of them. */
export function goingOn(search: Search, first: CallDeployment, find: Find): NonNullable<CallWatch['goOn']> {
  const { call, world } = search
  const { record } = call.watch
  const broken = new Set<CallDeployment>()
  let answering = first
  let count = 0
  return async ({ failure, beginning, usage }) => {
    broken.add(answering)
    const attempt = record.attempts.at(-1)
    if (attempt !== undefined) attempt.failure = failure
    const { rates } = record
    const part: CallWatch = {
      record: {
        ...record,
        startMs: world.nowMs(),
        firstTokenMs: undefined,
        usage: undefined,
        rates: undefined,
        failure: undefined,
      },
      place: {},
      patient: true,
      beginning: beginning.text,
    }
    const askForRest: Ask = async (deployment, target) => {
      if (broken.has(deployment))
        throw createError({
          code: 'service_unavailable',
          message: `${deployment.id} cannot go on with a stream that it broke off.`,
        })
      const answer = await askOne(search, part, deployment, target)
      answering = deployment
      return answer
    }
    const left = call.candidates.filter((one) => !broken.has(one))
    const answer = await find({ ...search, call: { ...call, mock: undefined } }, left, askForRest).catch(
      () => undefined,
    )
    if (answer === undefined || !isAnswerStream(answer)) return undefined
    if (rates !== undefined)
      record.brokenCosts = [...(record.brokenCosts ?? []), callCost(usage, rates, tierOf(record))]
    record.served = part.record.served
    record.rates = part.record.rates
    record.metadata = { ...record.metadata, stream_continued: ++count }
    return answer.events
  }
}
