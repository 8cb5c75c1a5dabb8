import { scopeName } from '../policy/scope.ts'
import type { Scope } from '../policy/scope.ts'
import type { Admission, AdmissionResult, Refused } from '../policy/counters.ts'
import type { SharedCounters } from './shared-counters.ts'

/** What this instance is telling the store about a request that is over. */
interface Telling {
  readonly scopes: ReadonlySet<string>
  readonly told: Promise<unknown>
}

/** Ends that are never told must not fill the memory; who is forgotten is refused as if nobody had been told. */
const MAX_REMEMBERED = 100_000

/**
 * A client that has its answer may ask again before the store has heard what the answer cost. Who is refused because
 * of a scope that something is being told about is asked for once more when it has arrived.
 */
export function withOwnSettlements(counters: SharedCounters): SharedCounters {
  const admitted = new Map<string, ReadonlySet<string>>()
  const tellings = new Set<Telling>()

  const remember = (admission: Admission, result: AdmissionResult): AdmissionResult => {
    if (!result.admitted) return result
    if (admitted.size >= MAX_REMEMBERED) admitted.clear()
    admitted.set(admission.requestId, scopesOf(admission))
    return result
  }

  return {
    ...counters,
    admit: (admission) => {
      // The store may hear of them after it has refused and before its answer is here.
      const before = [...tellings]
      const asked = counters.admit(admission)
      if (!(asked instanceof Promise)) return asked
      return asked.then(async (result) => {
        if (result.admitted) return remember(admission, result)
        const scope = scopeOf(admission, result)
        const about = before.filter(({ scopes }) => scope !== undefined && scopes.has(scope))
        if (about.length === 0) return result
        await Promise.all(about.map(({ told }) => told))
        return remember(admission, await counters.admit(admission))
      })
    },
    settle: (settlement) => {
      const told = counters.settle(settlement)
      const scopes = admitted.get(settlement.requestId)
      admitted.delete(settlement.requestId)
      if (!(told instanceof Promise) || scopes === undefined) return told
      const telling: Telling = { scopes, told: told.catch(() => undefined) }
      tellings.add(telling)
      void telling.told.then(() => tellings.delete(telling))
      return told
    },
  }
}

function scopesOf({ budgets, rates, parallels }: Admission): ReadonlySet<string> {
  return new Set([...budgets, ...rates, ...parallels].map(({ scope }) => scopeName(scope)))
}

/** The scope that had no room, where the end of a request can make some: requests of a minute stay counted. */
function scopeOf({ budgets, rates, parallels }: Admission, { line }: Refused): string | undefined {
  const lines: Record<Refused['line']['type'], readonly { readonly scope: Scope }[]> = {
    budget: budgets,
    rate: rates,
    parallel: parallels,
  }
  if (line.type === 'rate' && rates[line.index]?.unit === 'requests') return undefined
  const refused = lines[line.type][line.index]
  return refused === undefined ? undefined : scopeName(refused.scope)
}
