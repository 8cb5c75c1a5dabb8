import { createCollector } from '@switchyard/llm/kit'
import type { Answer, ChatRequest, JsonObject, Tool } from '@switchyard/llm/kit'
import { describe, expect, it } from 'vitest'
import type { LocalContext } from '../deployments/local-model.ts'
import { demoModel } from './demo-model.ts'

function context(): LocalContext {
  let ids = 0
  return { model: 'echo', newId: () => `id-${++ids}`, nowMs: () => 1_700_000_000_000 }
}

function chat(said: string, rest: Partial<ChatRequest> = {}): ChatRequest {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: [{ type: 'text', text: said }] }]
  return { model: 'demo', stream: false, messages, ...rest }
}

function tool(name: string, properties: JsonObject = {}): Tool {
  return {
    type: 'function',
    name,
    parameters: { type: 'object', properties, required: Object.keys(properties) },
  }
}

function textOf(answer: Answer): string {
  return (answer.choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
}

function callsOf(answer: Answer): [name: string, input: unknown][] {
  return (answer.choices[0]?.parts ?? []).flatMap((part) =>
    part.type === 'tool-call' ? [[part.name, JSON.parse(part.arguments)] as [string, unknown]] : [],
  )
}

const self = "I am Switchyard's offline demo model."
const weather = tool('get_weather', { city: { type: 'string' }, days: { type: 'integer' } })
const clock = tool('get_time', { zone: { type: 'string' } })

describe('what it says', () => {
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const
  const called = (name: string): ChatRequest['messages'] => [
    { role: 'user', content: [{ type: 'text', text: 'Weather in Oslo?' }] },
    { role: 'assistant', content: [{ type: 'tool-call', id: 'c1', name, arguments: '{}' }] },
    { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: '{"celsius":4}' }] },
  ]

  it.each<[name: string, request: ChatRequest, text: string]>([
    ['repeats what was said', chat('Hello'), `${self} You said: Hello`],
    [
      'repeats the last turn only',
      chat('', {
        messages: [
          { role: 'system', content: [{ type: 'text', text: 'Be brief' }] },
          { role: 'user', content: [{ type: 'text', text: 'one' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'two' }] },
          { role: 'user', content: [{ type: 'text', text: 'three' }] },
        ],
      }),
      `${self} You said: three`,
    ],
    [
      'counts images',
      chat('', { messages: [{ role: 'user', content: [{ type: 'text', text: 'Look' }, image, image] }] }),
      `${self} You said: Look With it came 2 images, which I cannot look into.`,
    ],
    [
      'sums up tool results and calls nothing again',
      chat('', { messages: called('get_weather'), tools: [weather] }),
      `${self} The tool get_weather answered: {"celsius":4}`,
    ],
    [
      'leaves tools alone when told to',
      chat('Hi', { tools: [weather], toolChoice: { type: 'none' } }),
      `${self} You said: Hi`,
    ],
    [
      'shortens what is very long',
      chat('x'.repeat(5_000)),
      `${self} You said: ${'x'.repeat(2_000)}… (5000 characters)`,
    ],
    [
      'wraps itself in an object in JSON mode',
      chat('Hello', { responseFormat: { type: 'json' } }),
      JSON.stringify({ message: `${self} You said: Hello` }),
    ],
    [
      'fills in a schema',
      chat('Book 2 nights in Oslo', {
        responseFormat: {
          type: 'json-schema',
          name: 'booking',
          schema: {
            type: 'object',
            properties: { city: { type: 'string' }, nights: { type: 'integer' }, note: { type: 'string' } },
            required: ['city', 'nights'],
          },
        },
      }),
      '{"city":"Oslo","nights":2}',
    ],
  ])('%s', (_, request, text) => {
    const answer = demoModel.answer(request, context())
    expect(textOf(answer)).toBe(text)
    expect(answer.choices[0]?.finish.reason).toBe('stop')
  })
})

describe('which tools it calls', () => {
  it.each<[name: string, request: ChatRequest, calls: [string, unknown][]]>([
    [
      'the first, with what the user said',
      chat('How is the weather in Paris for 3 days?', { tools: [weather, clock] }),
      [['get_weather', { city: 'Paris', days: 3 }]],
    ],
    [
      'the one that the caller names',
      chat('Hello', { tools: [weather, clock], toolChoice: { type: 'tool', name: 'get_time' } }),
      [['get_time', { zone: 'Hello' }]],
    ],
    [
      'all that the user names',
      chat('call get_weather and get_time for "Oslo"', { tools: [weather, clock] }),
      [
        ['get_weather', { city: 'Oslo', days: 1 }],
        ['get_time', { zone: 'Oslo' }],
      ],
    ],
    [
      'one at a time where that is asked for',
      chat('get_weather, get_time', { tools: [weather, clock], parallelToolCalls: false }),
      [['get_weather', { city: 'get_weather, get_time', days: 1 }]],
    ],
    ['a tool without arguments', chat('Go', { tools: [{ type: 'function', name: 'go' }] }), [['go', {}]]],
  ])('%s', (_, request, calls) => {
    const answer = demoModel.answer(request, context())
    expect(callsOf(answer)).toEqual(calls)
    expect(answer.choices[0]?.finish.reason).toBe('tool-calls')
  })

  it('calls again in the next turn', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'tool', toolCallId: 'c1', content: [{ type: 'text', text: '4' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'Four degrees' }] },
      { role: 'user', content: [{ type: 'text', text: 'And in Rome?' }] },
    ]
    const answer = demoModel.answer(chat('', { messages, tools: [weather] }), context())
    expect(callsOf(answer)).toEqual([['get_weather', { city: 'Rome', days: 1 }]])
  })
})

describe('where it ends', () => {
  it('stops at the first stop sequence and leaves it out', () => {
    const { choices } = demoModel.answer(chat('one two three', { stop: ['three', 'two'] }), context())
    expect(choices[0]).toEqual({
      parts: [{ type: 'text', text: `${self} You said: one ` }],
      finish: { reason: 'stop', stopSequence: 'two' },
    })
  })

  it.each([1, 5, 12])('says no more than %i tokens', (maxTokens) => {
    const answer = demoModel.answer(chat('a long story that goes on', { maxTokens }), context())
    expect(answer.choices[0]?.finish).toEqual({ reason: 'length' })
    expect(answer.usage?.outputTokens).toBeLessThanOrEqual(maxTokens)
    expect(answer.usage?.outputTokens).toBeGreaterThan(0)
  })

  it('cuts the arguments of a call, as a model does', () => {
    const answer = demoModel.answer(chat('Weather in Oslo', { tools: [weather], maxTokens: 8 }), context())
    expect(answer.choices[0]?.finish.reason).toBe('length')
    expect(answer.choices[0]?.parts).toMatchObject([{ type: 'tool-call', name: 'get_weather' }])
  })
})

describe('reasoning', () => {
  it.each<[ChatRequest['reasoning'], boolean]>([
    [{ effort: 'low' }, true],
    [{ budgetTokens: 1024 }, true],
    [{ effort: 'none' }, false],
    [{ mode: 'disabled' }, false],
    [undefined, false],
  ])('%o: %s', (reasoning, expected) => {
    const { choices, usage } = demoModel.answer(chat('Hello', { reasoning }), context())
    expect(choices[0]?.parts[0]?.type === 'reasoning').toBe(expected)
    expect((usage?.reasoningTokens ?? 0) > 0).toBe(expected)
  })
})

describe('stream', () => {
  it.each<[name: string, request: ChatRequest]>([
    ['text', chat('Hello,  wide\n world ')],
    ['tools', chat('get_weather and get_time', { tools: [weather, clock] })],
    ['reasoning', chat('Hello', { reasoning: { effort: 'high' } })],
    ['two choices', chat('Hello', { n: 2 })],
    ['a cut', chat('Hello', { maxTokens: 3 })],
    ['a stop', chat('Hello', { stop: ['said'] })],
  ])('tells the same answer: %s', (_, request) => {
    const collector = createCollector()
    for (const event of demoModel.stream(request, context())) collector.push(event)
    expect(collector.answer()).toEqual(demoModel.answer(request, context()))
  })

  it('comes word by word, arguments in several pieces', () => {
    const types = (request: ChatRequest): string[] =>
      [...demoModel.stream(request, context())].map(({ type }) => type)
    expect(types(chat('Hello')).filter((type) => type === 'text-delta')).toHaveLength(9)
    const called = types(chat('Weather in Oslo', { tools: [weather] }))
    expect(called.filter((type) => type === 'tool-call-delta').length).toBeGreaterThan(2)
    expect(called.at(-1)).toBe('finish')
  })
})

describe('embed', () => {
  const embed = (texts: string[], dimensions?: number): number[][] =>
    demoModel.embed(
      { model: 'demo', inputs: texts.map((text) => ({ type: 'text', text })), dimensions },
      context(),
    ).embeddings

  it('gives one unit vector for each input, the same each time', () => {
    const [first, second, again] = embed(['a', 'b', 'a'])
    expect(first).toHaveLength(16)
    expect(first).toEqual(again)
    expect(first).not.toEqual(second)
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 10)
  })

  it('gives the dimensions that are asked for', () => {
    expect(embed(['a'], 1_024)[0]).toHaveLength(1_024)
  })

  it.each([0, 2.5, 1e9])('refuses %d dimensions', (dimensions) => {
    expect(() => embed(['a'], dimensions)).toThrow(/1 to 4096 dimensions/)
  })
})

it('counts what it was given and what it said, and says that the counts are estimates', () => {
  expect(demoModel.answer(chat('Hello'), context()).usage).toEqual({
    inputTokens: 2,
    outputTokens: 13,
    source: 'estimated',
  })
})
