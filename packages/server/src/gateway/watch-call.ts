import type { UpstreamCall } from '../deployments/upstream.ts'
import type { Services } from '../services.ts'
import type { Exchange } from './exchange.ts'
import type { Lifetime } from './lifetime.ts'
import type { CallWatch } from './upstream/receive-whole.ts'

/** Ends a call to a provider with its request, and counts the time spent waiting for it. */
export function watchCall(exchange: Exchange, lifetime: Lifetime, services: Services): CallWatch {
  return new Watch(exchange, lifetime, services)
}

class Watch implements CallWatch {
  readonly #exchange: Exchange
  readonly #lifetime: Lifetime
  readonly #services: Services
  readonly #sentMs: number

  constructor(exchange: Exchange, lifetime: Lifetime, services: Services) {
    this.#exchange = exchange
    this.#lifetime = lifetime
    this.#services = services
    this.#sentMs = services.monotonicMs()
  }

  running(call: UpstreamCall): void {
    const { calls } = this.#exchange
    if (calls === undefined) this.#exchange.calls = [call]
    else calls.push(call)
    this.#lifetime.onOver(() => call.abort())
  }

  settled(): void {
    this.#exchange.receipt.upstreamMs += this.#services.monotonicMs() - this.#sentMs
  }
}
