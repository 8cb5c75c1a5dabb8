import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cloudOptions, startGoogleTokens } from '../fixtures/ask.ts'
import { listedFields } from '../fixtures/disagreements.ts'
import { loadFixtures } from '../support/fixtures.ts'
import type { Fixture } from '../support/fixtures.ts'
import { startReplayProvider } from '../support/replay-provider.ts'
import type { ReplayProvider } from '../support/replay-provider.ts'
import { startTestGateway } from './support/gateway.ts'
import type { TestGateway } from './support/gateway.ts'

/** Formats that no client here speaks itself, and Anthropic's, which one of them does. */
const wires = new Set(['gemini', 'bedrock-converse', 'cohere-v2', 'ollama', 'anthropic-messages'])

const recordings = loadFixtures()
const fixtures = recordings.fixtures.filter(
  ({ id, wire, endpoint }) =>
    wires.has(wire) && endpoint === 'chat' && recordings.expected[id]?.outcome === 'ok',
)
if (!recordings.available)
  console.log(
    `recorded provider answers are not on this machine (${recordings.root}): clients were not shown them`,
  )

let provider: ReplayProvider
let google: Awaited<ReturnType<typeof startGoogleTokens>>
let gateway: TestGateway
let openai: OpenAI
let anthropic: Anthropic
beforeAll(async () => {
  provider = await startReplayProvider({ fixtures: recordings })
  google = await startGoogleTokens()
  const cloud = cloudOptions(google.credentials)
  gateway = await startTestGateway({
    models: () =>
      fixtures.map((fixture) => ({
        model_name: fixture.id,
        litellm_params: {
          model: `${fixture.provider}/${fixture.model ?? 'unknown-model'}`,
          custom_llm_provider: fixture.provider,
          api_base: provider.baseFor(fixture.id),
          ...cloud,
          // Keys come before signatures where a service takes both; these two are asked with signatures.
          ...(['bedrock', 'vertex_ai'].includes(fixture.provider) ? {} : { api_key: 'test-key' }),
        },
      })),
  })
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 })
  anthropic = new Anthropic({ baseURL: gateway.url, apiKey: gateway.key, maxRetries: 0 })
})
afterAll(async () => {
  google.close()
  await Promise.all([gateway.close(), provider.close()])
})

/** Answers that break their own format's rules: relayed as they came, and refused by its own client. */
const refusedByAnthropic = new Set(['anthropic/v-duplicate-message-start.chat.stream'])

interface Heard {
  text: string
  tool_calls: { name: string; arguments: unknown }[]
}

/** What both readers of the recording agree on, as far as a client can tell it. */
function expected({ id }: Fixture): Partial<Heard> {
  const { agreed = [], text, tool_calls: calls } = recordings.expected[id] ?? {}
  const listed = listedFields(id)
  const certain = (field: string): boolean =>
    agreed.includes(field) && ![...listed].some((name) => name === field || name.startsWith(`${field}.`))
  return {
    ...(certain('text') && text !== undefined ? { text } : {}),
    ...(certain('tool_calls') && calls !== undefined
      ? { tool_calls: calls.map(({ name, arguments: given }) => ({ name, arguments: given })) }
      : {}),
  }
}

const messages = [{ role: 'user' as const, content: 'Hello' }]

async function hearOpenai({ id, stream }: Fixture): Promise<Heard> {
  const answer = stream
    ? await openai.chat.completions.stream({ model: id, messages }).finalChatCompletion()
    : await openai.chat.completions.create({ model: id, messages })
  const message = answer.choices[0]?.message
  return {
    text: message?.content ?? '',
    tool_calls: (message?.tool_calls ?? []).flatMap((call) =>
      call.type === 'function'
        ? [{ name: call.function.name, arguments: parse(call.function.arguments) }]
        : [],
    ),
  }
}

async function hearAnthropic({ id, stream }: Fixture): Promise<Heard> {
  const asked = { model: id, messages, max_tokens: 1_000 }
  const { content } = stream
    ? await anthropic.messages.stream(asked).finalMessage()
    : await anthropic.messages.create(asked)
  return {
    text: content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join(''),
    tool_calls: content.flatMap((block) =>
      block.type === 'tool_use' ? [{ name: block.name, arguments: block.input }] : [],
    ),
  }
}

function parse(text: string): unknown {
  return text.trim() === '' ? {} : JSON.parse(text)
}

describe('recorded answers', () => {
  it('hold every exception that is listed here', () => {
    const ids = new Set(fixtures.map(({ id }) => id))
    expect([...refusedByAnthropic].filter((id) => recordings.available && !ids.has(id))).toEqual([])
  })

  it.each(fixtures)('$id reaches both clients whole', async (fixture) => {
    const wanted = expected(fixture)
    expect(await hearOpenai(fixture), 'openai').toMatchObject(wanted)
    const heard = hearAnthropic(fixture)
    if (refusedByAnthropic.has(fixture.id))
      await expect(heard).rejects.toBeInstanceOf(Anthropic.AnthropicError)
    else expect(await heard, 'anthropic').toMatchObject(wanted)
  })
})
