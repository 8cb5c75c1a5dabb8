import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { entryAt } from '../clients/support/models.ts'
import { ask, chatBody, messagesBody, readChatStream, start } from '../gateway/support/ask.ts'
import { startFaultProvider } from '../support/fault-provider.ts'
import type { Exchange, FaultProvider } from '../support/fault-provider.ts'
import type { Json } from './support/admin.ts'
import { entriesOf } from './support/entries.ts'
import { startGovernedGateway } from './support/governed-gateway.ts'
import type { GovernedGateway } from './support/governed-gateway.ts'
import { priced } from './support/models.ts'

let gateway: GovernedGateway
let shadow: FaultProvider
beforeAll(async () => {
  shadow = await startFaultProvider({ name: 'shadow' })
  gateway = await startGovernedGateway({
    models: (url) => {
      const main = (name: string, silent: unknown, model = 'openai/echo') =>
        priced(entryAt(url, name, model, { silent_model: silent }), 0.001)
      const tried = (name: string, more: object = {}, model = `openai/${name}`) =>
        priced(entryAt(shadow.url, name, model, more), 0.01)
      return [
        main('main', 'shadow'),
        main('two', ['shadow', 'anthropic-shadow']),
        main('broken', 'shadow', 'openai/fault-status-500'),
        main('hung', 'shadow', 'openai/fault-hang'),
        main('with-bad-shadow', 'bad'),
        main('with-hanging-shadow', 'hanging'),
        main('with-chain', 'chain'),
        main('with-nobody', 'nobody'),
        entryAt(url, 'speech', 'openai/whisper-1', { silent_model: 'speech-shadow' }),
        entryAt(shadow.url, 'speech-shadow', 'openai/gpt-4o-transcribe'),
        tried('shadow'),
        tried('anthropic-shadow', {}, 'anthropic/shadow'),
        tried('bad', {}, 'openai/fault-status-500'),
        tried('hanging', {}, 'openai/fault-hang'),
        // A copy is never copied.
        tried('chain', { silent_model: 'shadow' }, 'openai/chain'),
      ]
    },
    sections: { router_settings: { num_retries: 0, fallbacks: [{ bad: ['shadow'] }] } },
  })
})
afterAll(async () => {
  await Promise.all([gateway.close(), shadow.close()])
})

/** A machine under load takes its time. */
const PATIENCE = { timeout: 15_000, interval: 20 }

interface Asker {
  readonly url: string
  readonly key: string
}

const asker = async (fields: object = {}): Promise<Asker> => ({
  url: gateway.url,
  key: await gateway.newKey({ models: ['main', 'two', 'with-bad-shadow'], ...fields }),
})

/** The rows of a key's log, as soon as there are so many. */
async function rowsOf({ key }: Asker, count: number): Promise<Json[]> {
  return await vi.waitFor(async () => {
    const entries = await entriesOf(gateway.governance.store.database, key)
    if (entries.length < count) throw new Error(`there are ${entries.length} rows`)
    return await Promise.all(entries.map(({ request_id: id }) => gateway.logOf(id)))
  }, PATIENCE)
}

const isShadow = ({ metadata }: Json): boolean => (metadata as Json)['is_silent_experiment'] === true

function sentTo({ exchanges }: FaultProvider, since: number): Exchange[] {
  return exchanges.slice(since)
}

describe('silent_model', () => {
  it('gets a copy of what was answered, which has a row of its own and is charged to the same key', async () => {
    const door = await asker()
    const before = shadow.exchanges.length
    const reply = await ask(door, '/v1/chat/completions', chatBody('main', { max_tokens: 7, tags: ['t'] }))
    expect(reply.status).toBe(200)
    expect(reply.headers['x-litellm-model-group']).toBe('main')
    const rows = await rowsOf(door, 2)
    const copy = rows.find(isShadow)
    expect(copy).toMatchObject({
      model_group: 'shadow',
      status: 'success',
      metadata: { shadow_of: reply.headers['x-litellm-call-id'] },
      request_tags: ['t'],
    })
    const main = rows.find((row) => !isShadow(row))
    expect(copy?.['spend']).toBeCloseTo(Number(main?.['spend']) * 10, 10)
    const [sent] = sentTo(shadow, before)
    expect(sent?.json).toMatchObject({
      model: 'shadow',
      max_tokens: 7,
      messages: [{ role: 'user', content: 'hello there' }],
    })
  })

  it('of a stream is a stream, in the format of whoever answers', async () => {
    const door = await asker()
    const before = shadow.exchanges.length
    const reply = await ask(door, '/v1/chat/completions', chatBody('two', { stream: true }))
    expect(readChatStream(reply.text)).toMatchObject({ text: 'You said: hello there', done: true })
    const rows = await rowsOf(door, 3)
    expect(
      rows
        .filter(isShadow)
        .map((row) => row['model_group'])
        .toSorted(),
    ).toEqual(['anthropic-shadow', 'shadow'])
    expect(rows.every(({ status }) => status === 'success')).toBe(true)
    const sent = sentTo(shadow, before)
    expect(sent.map(({ json }) => (json as Json)['stream'])).toEqual([true, true])
    expect(sent.map(({ path }) => path).toSorted()).toEqual(['/v1/chat/completions', '/v1/messages'])
  })

  it('is for every format', async () => {
    const door = await asker()
    const before = shadow.exchanges.length
    await ask(door, '/v1/messages', messagesBody('main'))
    await rowsOf(door, 2)
    expect(sentTo(shadow, before)).toHaveLength(1)
  })

  it('is for recordings, too', async () => {
    const door = await asker({ models: [] })
    const before = shadow.exchanges.length
    const form = new FormData()
    form.append('model', 'speech')
    form.append(
      'file',
      new File([new TextEncoder().encode('ID3 words')], 'speech.mp3', { type: 'audio/mpeg' }),
    )
    const reply = await fetch(`${door.url}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${door.key}` },
      body: form,
    })
    expect(reply.status).toBe(200)
    expect((await rowsOf(door, 2)).find(isShadow)).toMatchObject({
      status: 'success',
      model_group: 'speech-shadow',
    })
    expect(sentTo(shadow, before).map(({ path }) => path)).toEqual(['/v1/audio/transcriptions'])
  })

  it('may fail: nobody stands in, and the client does not hear of it', async () => {
    const door = await asker()
    const reply = await ask(door, '/v1/chat/completions', chatBody('with-bad-shadow'))
    expect(reply.status).toBe(200)
    const copy = (await rowsOf(door, 2)).find(isShadow)
    expect(copy).toMatchObject({ status: 'failure', model_group: 'bad', spend: 0 })
  })

  it('that hangs keeps nobody waiting', async () => {
    const door = await asker({ models: [] })
    const before = shadow.exchanges.length
    const reply = await ask(door, '/v1/chat/completions', chatBody('with-hanging-shadow'))
    expect(reply.status).toBe(200)
    await shadow.exchange(before)
    expect((await ask(door, '/v1/chat/completions', chatBody('main'))).status).toBe(200)
  })

  it('is not copied itself', async () => {
    const door = await asker({ models: [] })
    const before = shadow.exchanges.length
    await ask(door, '/v1/chat/completions', chatBody('with-chain'))
    await rowsOf(door, 2)
    expect(sentTo(shadow, before).map(({ model }) => model)).toEqual(['chain'])
  })

  it('that nobody serves is a row that says so', async () => {
    const door = await asker({ models: [] })
    expect((await ask(door, '/v1/chat/completions', chatBody('with-nobody'))).status).toBe(200)
    expect((await rowsOf(door, 2)).find(isShadow)).toMatchObject({ status: 'failure', spend: 0 })
  })

  it('is held to the budget of the key, and takes none of its requests a minute', async () => {
    // The answer itself costs $0.007 at most, its copy $0.07.
    const door = await asker({ max_budget: 0.05, rpm_limit: 2 })
    const before = shadow.exchanges.length
    const twice = [1, 2].map(() => ask(door, '/v1/chat/completions', chatBody('main', { max_tokens: 7 })))
    expect((await Promise.all(twice)).map(({ status }) => status)).toEqual([200, 200])
    const copies = (await rowsOf(door, 4)).filter(isShadow)
    expect(copies).toHaveLength(2)
    for (const copy of copies)
      expect(copy).toMatchObject({
        status: 'failure',
        metadata: { error_information: { error_class: 'BudgetExceededError' } },
      })
    expect(sentTo(shadow, before)).toEqual([])
  })

  it('gets no copy of what failed, of what its client left, and of what builds on a response', async () => {
    const door = await asker({ models: [] })
    const before = shadow.exchanges.length
    await ask(door, '/v1/chat/completions', chatBody('broken'))
    const asked = gateway.provider.exchanges.length
    const left = start(door, '/v1/chat/completions', chatBody('hung', { stream: true }))
    const gone = left.response.catch(String)
    await (
      await gateway.provider.exchange(asked)
    ).atGate
    left.request.destroy()
    expect(await gone).toMatch(/hang up/)
    const first = await ask(door, '/v1/responses', { model: 'two', input: 'hello there', store: true })
    const copies = await vi.waitFor(() => {
      const sent = sentTo(shadow, before)
      expect(sent).toHaveLength(2)
      return sent
    }, PATIENCE)
    const { id } = first.json as { id: string }
    await ask(door, '/v1/responses', { model: 'main', input: 'and now', previous_response_id: id })
    await rowsOf(door, 6)
    expect(sentTo(shadow, before)).toEqual(copies)
  })
})
