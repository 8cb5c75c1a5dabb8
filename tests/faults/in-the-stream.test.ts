import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { clientNames } from './support/clients.ts'
import { followed, openSite, soundModel } from './support/site.ts'
import type { Site } from './support/site.ts'

/** Streams that end in a failure after some of the answer. */
const broken = [
  { fault: 'F40 cut', does: 'cut-after-5', code: 'upstream_stream_interrupted' },
  { fault: 'F40 reset', does: 'reset-after-5', code: 'upstream_stream_interrupted' },
  { fault: 'F40 ended early', does: 'end-after-5', code: 'upstream_stream_interrupted' },
  {
    fault: 'F40 cut within a character',
    does: 'cut-mid-utf8',
    text: 'Zürich',
    code: 'upstream_stream_interrupted',
  },
  { fault: 'F41 an error event', does: 'error-event-after-5', code: undefined },
  { fault: 'F42 no finish', does: 'no-finish', code: 'upstream_stream_interrupted' },
  { fault: 'F43 silence', does: 'hang-after-5', code: 'upstream_timeout', limits: { stream_timeout: 0.3 } },
] as const

/** Streams that fail before they say anything: the next deployment is asked, and nobody notices. */
const early = [
  { fault: 'F44 no first byte', does: 'hang', code: 'upstream_timeout', limits: { stream_timeout: 0.3 } },
  { fault: 'F45 cut before content', does: 'cut-before-content', code: 'upstream_stream_interrupted' },
  { fault: 'F37 an error with 200', does: '200-error-body', code: 'internal' },
  { fault: 'F33 500', does: 'status-500', code: 'internal' },
] as const

/** What differs from what everybody does, and means the same. */
const harmless = [
  ...['crlf', 'cr', 'no-space', 'comments', 'fields', 'multi-line', 'one-packet', 'data-first'].map(
    (framing) => ({ fault: `F46 ${framing}`, does: `sse-${framing}` }),
  ),
  { fault: 'F42 no terminator', does: 'no-done' },
  { fault: 'F46 pieces of 7 bytes', does: 'split-7' },
  { fault: 'F47 single bytes', does: 'one-byte' },
  ...['gzip', 'gzip-unflushed', 'br', 'zstd'].map((encoding) => ({
    fault: `F48 ${encoding}`,
    does: encoding,
  })),
  ...['no-usage', 'usage-zero', 'usage-negative', 'usage-absurd', 'usage-changing'].map((does) => ({
    fault: `F49 ${does}`,
    does,
  })),
  { fault: 'F51 an unknown finish', does: 'unknown-finish' },
  { fault: 'F51 an unknown event', does: 'unknown-event' },
  { fault: 'F53 cookies and secrets in headers', does: 'set-cookie' },
  { fault: 'F55 an absurd time', does: 'bad-created' },
]

/** A provider of either format: through either client, one is relayed and one translated. */
const formats = ['openai', 'anthropic'] as const

let site: Site
beforeAll(async () => {
  site = await openSite(
    (places) => [
      soundModel(places),
      ...formats.flatMap((format) => [
        ...broken.map((row) =>
          entryAt(
            places.scripted,
            `${format}-${row.does}`,
            `${format}/fault-${row.does}`,
            'limits' in row ? row.limits : {},
          ),
        ),
        ...early.flatMap((row) =>
          followed(
            places,
            `${format}-early-${row.does}`,
            entryAt(places.scripted, '', `${format}/fault-${row.does}`, 'limits' in row ? row.limits : {}),
          ),
        ),
        ...harmless.map(({ does }) =>
          entryAt(places.scripted, `${format}-${does}`, `${format}/fault-${does}`),
        ),
        entryAt(places.scripted, `${format}-1mb-line`, `${format}/fault-1mb-line`),
      ]),
    ],
    { router_settings: { num_retries: 0, disable_cooldowns: true } },
  )
})
afterAll(async () => await site.close())

const ways = clientNames.flatMap((client) => formats.map((format) => ({ client, format })))

describe.each(ways)('through $client, from a provider that speaks $format', ({ client, format }) => {
  it.each(broken)('$fault: the client keeps the text and is told', async (row) => {
    const question = {
      model: `${format}-${row.does}`,
      stream: true,
      ...('text' in row ? { text: row.text } : {}),
    }
    const seen = await site.ask[client](question)
    expect(seen).toMatchObject({ status: 200, finish: undefined, text: expect.stringMatching(/^You/) })
    expect(seen.text).not.toContain('\uFFFD')
    expect(seen.error).toBeDefined()
    if (client === 'openai' && row.code !== undefined) expect(seen.error?.code).toBe(row.code)
    expect(seen.error?.message).not.toMatch(/127\.0\.0\.1/)
    const log = await site.logOf(seen)
    expect(log).toMatchObject({ status: 'failure', metadata: { usage_source: 'estimated' } })
    expect(log['spend']).toBeGreaterThan(0)
    await site.expectSound(seen, log)
  })

  it.each(early)('$fault: one stream, from the next deployment', async ({ does, code }) => {
    const seen = await site.ask[client]({ model: `${format}-early-${does}`, stream: true, retries: 1 })
    expect(seen).toMatchObject({ status: 200, text: 'You said: hello there' })
    expect(seen.error).toBeUndefined()
    const log = await site.logOf(seen)
    expect(site.attemptsOf(log)).toEqual([code, null])
    await site.expectSound(seen, log)
  })

  it.each(harmless)('$fault: the same answer', async ({ does }) => {
    const model = `${format}-${does}`
    for (const stream of [true, false]) {
      const seen = await site.ask[client]({ model, stream })
      expect(seen.error).toBeUndefined()
      expect(seen).toMatchObject({ status: 200, text: 'You said: hello there', finish: expect.any(String) })
      for (const name of ['set-cookie', 'x-api-key', 'openai-organization', 'content-encoding'])
        expect(seen.headers.has(name), name).toBe(false)
      const log = await site.logOf(seen)
      expect(log).toMatchObject({ status: 'success' })
      // What a provider says it counted is believed where it can be.
      const isOwnCount = /no-usage|negative/.test(does)
      if (isOwnCount) expect(log).toMatchObject({ metadata: { usage_source: 'estimated' } })
      expect(log['spend']).toBeGreaterThanOrEqual(0)
      await site.expectSound(seen, log)
    }
  })

  it('F47 an event of a megabyte passes', async () => {
    const seen = await site.ask[client]({ model: `${format}-1mb-line`, stream: true })
    expect(seen.error).toBeUndefined()
    expect(seen.text).toHaveLength(1 << 20)
    await site.expectSound()
  })
})
