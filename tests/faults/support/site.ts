import { lookup } from 'node:dns/promises'
import { createServer } from 'node:http'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { expect, vi } from 'vitest'
import type { BudgetKey } from '../../../packages/server/src/policy/counters.ts'
import { scopeName } from '../../../packages/server/src/policy/scope.ts'
import type { ModelEntry } from '../../clients/support/models.ts'
import { entryAt } from '../../clients/support/models.ts'
import { startGovernedGateway } from '../../governance/support/governed-gateway.ts'
import type { GovernedGateway } from '../../governance/support/governed-gateway.ts'
import type { Json } from '../../governance/support/admin.ts'
import { selfSignedCertificate } from '../../support/certificate.ts'
import { startFaultProvider } from '../../support/fault-provider.ts'
import type { FaultProvider } from '../../support/fault-provider.ts'
import { listen, refusingUrl, startSilentServer } from '../../support/loopback.ts'
import { asking } from './clients.ts'
import type { ClientName, Question, Seen } from './clients.ts'

/** Where a fault is met: at the scripted provider, or at a place that is broken as a whole. */
export interface Places {
  scripted: string
  second: string
  refusing: string
  unknown: string
  hidden: string
  unresolved: string
  /** A name whose lookup ends when `failLookups` is called. */
  hanging: string
  /** A name that leads to the second provider. */
  named: string
  selfSigned: string
  /** Of an authority that is trusted, and valid. */
  trusted: string
  /** The same, for another name; and too old. */
  wrongHost: string
  expired: string
  silent: string
  silentTls: string
  garbage: string
}

export interface Site {
  gateway: GovernedGateway
  /** Names that were looked up, in order. */
  lookups: string[]
  failLookups: () => void
  /** Flawless; answers where the first provider does not. */
  second: FaultProvider
  ask: Record<ClientName, (question: Question) => Promise<Seen>>
  /** The log of a request, as soon as it is there. */
  logOf: (seen: Seen) => Promise<Json>
  /** The attempts in a log: how each failed, and `null` for the one that answered. */
  attemptsOf: (log: Json) => (string | null)[]
  /** What must hold whatever has happened. */
  expectSound: (seen?: Seen, log?: Json) => Promise<void>
  heldPicoUsd: () => Promise<bigint>
  close: () => Promise<void>
}

const prices = { input_cost_per_token: 0.000_001, output_cost_per_token: 0.000_002 }
const SECRET = 'sk-provider-secret'

/** A gateway with a ledger, in front of two scripted providers and of places that are broken, and a key for it. */
export async function openSite(
  models: (places: Places) => ModelEntry[],
  sections: Record<string, object> = {},
): Promise<Site> {
  const second = await startFaultProvider({ name: 'second' })
  const tls = await startFaultProvider({ tls: selfSignedCertificate() })
  const day = 86_400_000
  const certificates = {
    trusted: selfSignedCertificate(),
    wrongHost: selfSignedCertificate({ hosts: ['other.example.com'] }),
    expired: selfSignedCertificate({
      notBefore: new Date(Date.now() - 2 * day),
      notAfter: new Date(Date.now() - day),
    }),
  }
  const authorities = getCACertificates('default')
  setDefaultCACertificates([...authorities, ...Object.values(certificates).map(({ cert }) => cert)])
  const trusted = await startFaultProvider({ tls: certificates.trusted })
  const wrongHost = await startFaultProvider({ tls: certificates.wrongHost })
  const expired = await startFaultProvider({ tls: certificates.expired })
  const silent = await startSilentServer('http')
  const silentTls = await startSilentServer('https')
  const garbage = await listen(createServer((request) => request.socket.end('this is no HTTP\r\n\r\n')))
  const refusing = refusingUrl
  const others = [second, tls, trusted, wrongHost, expired, silent, silentTls, garbage]
  const lookups: string[] = []
  const hanging: (() => void)[] = []
  const gateway = await startGovernedGateway({
    resolve: async (name, options) => {
      lookups.push(name)
      if (name.startsWith('unknown.'))
        throw Object.assign(new Error(`queryA ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
      if (name.startsWith('unresolved.'))
        throw Object.assign(new Error(`queryA ESERVFAIL ${name}`), { code: 'ESERVFAIL' })
      if (name.startsWith('hanging.')) {
        await new Promise<void>((resolve) => hanging.push(resolve))
        throw Object.assign(new Error(`queryA ETIMEOUT ${name}`), { code: 'ETIMEOUT' })
      }
      if (name.startsWith('hidden.')) return [{ address: '127.0.0.1', family: 4 }]
      return await lookup(name, options)
    },
    sections: {
      // One failure is enough, so that whether it counts can be seen.
      router_settings: { num_retries: 0, allowed_fails: 0, cooldown_time: 60 },
      ...sections,
    },
    models: (scripted) =>
      models({
        scripted,
        second: second.url,
        refusing,
        unknown: 'http://unknown.example.com',
        unresolved: 'http://unresolved.example.com',
        hanging: 'http://hanging.example.com',
        named: `http://localhost:${second.port}`,
        hidden: `http://hidden.example.com:${second.port}`,
        selfSigned: tls.url,
        trusted: trusted.url,
        wrongHost: wrongHost.url,
        expired: expired.url,
        silent: silent.url,
        silentTls: silentTls.url,
        garbage: garbage.url,
      }).map((entry) => ({ ...entry, model_info: { ...prices, ...entry.model_info } })),
  })
  // One request at a time: what is not given back is missed at once.
  const key = await gateway.newKey({ max_budget: 1_000, max_parallel_requests: 1 })
  const ask = asking(gateway, key)
  const admit = vi.spyOn(gateway.accounts.counters, 'admit')
  /** Every budget that any request was held against. */
  const linesOf = (): BudgetKey[] => {
    const lines = admit.mock.calls.flatMap(([{ budgets }]) => budgets)
    return [...new Map(lines.map((line) => [`${scopeName(line.scope)} ${line.windowId}`, line])).values()]
  }
  const heldPicoUsd = async (): Promise<bigint> => {
    const states = await gateway.accounts.counters.read(linesOf())
    return states.reduce((sum, { reservedPicoUsd }) => sum + reservedPicoUsd, 0n)
  }
  const site: Site = {
    gateway,
    lookups,
    failLookups: () => {
      for (const fail of hanging.splice(0)) fail()
    },
    second,
    ask,
    heldPicoUsd,
    logOf: async ({ headers }) => await gateway.logOf(String(headers.get('x-litellm-call-id'))),
    attemptsOf: ({ metadata }) =>
      ((metadata as { attempts?: { error_code: string | null }[] }).attempts ?? []).map(
        ({ error_code: code }) => code,
      ),
    expectSound: async (seen, log) => {
      await vi.waitFor(async () => expect(await heldPicoUsd()).toBe(0n), { timeout: 5_000, interval: 10 })
      for (const name of ['openai', 'anthropic'] as const)
        expect(await ask[name]({ model: 'sound' })).toMatchObject({
          status: 200,
          text: 'You said: hello there',
        })
      const told = [gateway.log(), JSON.stringify([seen, [...(seen?.headers ?? [])], log])]
      for (const text of told) {
        expect(text).not.toContain(SECRET)
        expect(text).not.toContain(key)
        expect(text).not.toContain('failed unexpectedly')
      }
    },
    close: async () => {
      setDefaultCACertificates(authorities)
      // The gateway waits for connections, which only the silent ones can end.
      await Promise.all([gateway, ...others].map(async (server) => await server.close()))
    },
  }
  return site
}

/** The model that every invariant is tried with. */
export function soundModel({ second }: Places): ModelEntry {
  return entryAt(second, 'sound', 'openai/echo')
}

/** A group whose first deployment is asked first, and whose second one answers. */
export function followed({ second }: Places, group: string, first: ModelEntry): ModelEntry[] {
  const other = entryAt(second, group, 'openai/echo')
  return [
    { ...first, model_name: group, litellm_params: { ...first.litellm_params, order: 1 } },
    { ...other, litellm_params: { ...other.litellm_params, order: 2 } },
  ]
}
