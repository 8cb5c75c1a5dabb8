import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { clientNames } from './support/clients.ts'
import type { Called } from './support/clients.ts'
import { openSite, soundModel } from './support/site.ts'
import type { Site } from './support/site.ts'

/** A call's id stands in its first piece only, from every provider. */
function called(at: number, name: string, text: string): Called {
  return { ids: [expect.stringMatching(new RegExp(`_${at}$`))], names: [name], arguments: text }
}

const weather = called(0, 'weather', '{"city":"Zürich"}')
const clock = called(1, 'clock', '{"zone":"Europe/Zurich"}')
/** Two calls at one place: its pieces add up to this, and clients see that there are two ids. */
const both: Called = {
  ids: [...weather.ids, ...clock.ids],
  names: ['weather', 'clock'],
  arguments: weather.arguments + clock.arguments,
}
const noJson = '{"city":"Zürich",'

interface Row {
  fault: string
  does: string
  /** As a stream, where the client speaks the provider's format: as it came. */
  relayed: Called[]
  /** Where it does not: places are given in the order in which calls begin. */
  translated: Called[]
  /** As a whole answer; where formats differ in what they can say, by the format of the provider and the client. */
  whole: Called[] | Partial<Record<string, Called[]>>
}

const rows: Row[] = [
  {
    fault: 'two calls by turns',
    does: 'interleaved',
    relayed: [weather, clock],
    translated: [weather, clock],
    whole: [weather, clock],
  },
  {
    fault: 'the second call first',
    does: 'reversed',
    relayed: [weather, clock],
    translated: [clock, weather],
    whole: [weather, clock],
  },
  {
    fault: 'two calls at the same place',
    does: 'same-index',
    relayed: [both],
    translated: [weather, clock],
    whole: [weather, clock],
  },
  {
    fault: 'arguments that are no JSON',
    does: 'bad-json',
    relayed: [called(0, 'weather', noJson)],
    translated: [called(0, 'weather', noJson)],
    whole: {
      'openai to openai': [called(0, 'weather', noJson)],
      // Its input is an object: what is none is told as text in one.
      'openai to anthropic': [called(0, 'weather', JSON.stringify({ input: noJson }))],
      // Its whole answers cannot have any.
      'anthropic to openai': [weather],
      'anthropic to anthropic': [weather],
    },
  },
]

const formats = ['openai', 'anthropic'] as const

let site: Site
beforeAll(async () => {
  site = await openSite(
    (places) => [
      soundModel(places),
      ...formats.flatMap((format) =>
        rows.map(({ does }) =>
          entryAt(places.scripted, `${format}-${does}`, `${format}/fault-tools-${does}`),
        ),
      ),
    ],
    { router_settings: { num_retries: 0, disable_cooldowns: true } },
  )
})
afterAll(async () => await site.close())

const ways = clientNames.flatMap((client) => formats.map((format) => ({ client, format })))

describe.each(ways)('F50 through $client, from a provider that speaks $format', ({ client, format }) => {
  it.each(rows)('$fault: every call is whole', async ({ does, relayed, translated, whole }) => {
    const expected = [
      { stream: true, calls: client === format ? relayed : translated },
      { stream: false, calls: Array.isArray(whole) ? whole : whole[`${format} to ${client}`] },
    ]
    for (const { stream, calls } of expected) {
      const seen = await site.ask[client]({ model: `${format}-${does}`, stream, tools: true })
      expect(seen.error).toBeUndefined()
      expect(seen).toMatchObject({ status: 200, finish: client === 'openai' ? 'tool_calls' : 'tool_use' })
      expect(seen.calls).toEqual(calls)
      const log = await site.logOf(seen)
      expect(log).toMatchObject({ status: 'success' })
      await site.expectSound(seen, log)
    }
  })
})
