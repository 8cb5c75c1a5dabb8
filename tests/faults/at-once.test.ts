import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { entriesWhen } from '../governance/support/entries.ts'
import { asking, clientNames } from './support/clients.ts'
import type { ClientName, Question, Seen } from './support/clients.ts'
import { openSite, soundModel } from './support/site.ts'
import type { Site } from './support/site.ts'

let site: Site
beforeAll(async () => {
  site = await openSite(
    (places) => [soundModel(places), entryAt(places.scripted, 'shared', 'openai/echo-shared')],
    {
      router_settings: { num_retries: 0, disable_cooldowns: true },
      litellm_settings: { cache: true, cache_params: { type: 'local', coalesce: true } },
    },
  )
})
afterAll(async () => await site.close())

let questions = 0
/** What nobody has asked before. */
const asked = (stream: boolean): Question => ({ model: 'shared', stream, text: `at once ${++questions}` })

interface Crowd {
  seen: Promise<Seen[]>
  /** Lets the provider go on with the call that the others wait for. */
  release: () => void
  calls: () => number
}

/** As many clients as that ask the same; the first of them is at the provider, the others have come to the gateway. */
async function crowd(
  client: ClientName,
  question: Question,
  keys: readonly string[],
  faults: string[],
): Promise<Crowd> {
  const { provider } = site.gateway
  provider.script('echo-shared', faults)
  const at = provider.exchanges.length
  const arrived = vi.spyOn(site.gateway.accounts.counters, 'admit')
  const before = arrived.mock.calls.length
  const seen = Promise.all(keys.map(async (key) => await asking(site.gateway, key)[client](question)))
  const first = await provider.exchange(at)
  await first.atGate
  await vi.waitFor(() => expect(arrived.mock.calls.length - before).toBe(keys.length), { timeout: 15_000 })
  return { seen, release: first.release, calls: () => provider.exchanges.length - at }
}

const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value)

const ways = clientNames.flatMap((client) => [false, true].map((stream) => ({ client, stream })))

describe.each(ways)('F85 the same at once, through $client (stream: $stream)', ({ client, stream }) => {
  const told = (question: Question): object => ({ status: 200, text: `You said: ${question.text}` })

  it('five hundred make one call, that one of them pays for', async () => {
    const key = await site.gateway.newKey()
    const question = asked(stream)
    const { seen, release, calls } = await crowd(client, question, times(500, key), ['hang'])
    release()
    for (const one of await seen) expect(one).toMatchObject(told(question))
    expect(calls()).toBe(1)
    const hits = (await seen).map(({ headers }) => headers.get('x-litellm-cache-hit'))
    expect(hits.filter((hit) => hit === 'true')).toHaveLength(499)
    const { database } = site.gateway.governance.store
    const entries = await entriesWhen(database, key, (rows) => rows.length === 500)
    expect(entries.filter(({ cost_pico_usd: cost }) => cost > 0n)).toHaveLength(1)
    expect(entries.every(({ state }) => state === 'settled')).toBe(true)
    await site.expectSound()
  })

  it('when the one who asks fails, one of the others asks again', async () => {
    const key = await site.gateway.newKey()
    const question = asked(stream)
    const { seen, release, calls } = await crowd(client, question, times(50, key), ['hang+status-500', 'ok'])
    release()
    const failed = (await seen).filter(({ error }) => error !== undefined)
    expect(failed.map(({ status }) => status)).toEqual([502])
    for (const one of await seen) if (one.error === undefined) expect(one).toMatchObject(told(question))
    expect(calls()).toBe(2)
    await site.expectSound()
  })

  it('tenants do not wait for each other, nor get what others were told', async () => {
    const teams = await Promise.all(
      times(2, '/team/new').map(async (path) => String((await site.gateway.admin(path, {}))['team_id'])),
    )
    const keys = await Promise.all(teams.map(async (team_id) => await site.gateway.newKey({ team_id })))
    const question = asked(stream)
    const mixed = times(20, keys).flat()
    const { seen, release, calls } = await crowd(client, question, mixed, ['hang', 'ok'])
    // The other team has its answer while the first one's call still hangs.
    await vi.waitFor(() => expect(calls()).toBe(2))
    release()
    for (const one of await seen) expect(one).toMatchObject(told(question))
    expect(calls()).toBe(2)
    const askers = (await seen).filter(({ headers }) => headers.get('x-litellm-cache-hit') === 'false')
    expect(askers).toHaveLength(2)
    await site.expectSound()
  })
})
