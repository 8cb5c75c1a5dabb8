import { tool as theirTool } from '@langchain/core/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { toClientTool, toolParam } from './accept.ts'
import { schemaFaults } from './json-schema.ts'
import { tool, ToolInputError, toolRuntime } from './tool.ts'

const weather = tool(({ city, days }) => ({ city, days, celsius: 12 }), {
  name: 'get_weather',
  description: 'The weather of a city.',
  schema: z.object({ city: z.string(), days: z.number().default(1) }),
})

describe('a tool from a function', () => {
  it('is called by hand, its arguments checked and filled in', async () => {
    expect(await weather.invoke({ city: 'Oslo' })).toEqual({ city: 'Oslo', days: 1, celsius: 12 })
    await expect(weather.invoke({ city: 7 })).rejects.toThrow(/"get_weather" do not fit its schema: city: /)
    await expect(weather.invoke({ city: 7 })).rejects.toThrow(ToolInputError)
  })

  it('answers a tool call with a message', async () => {
    const call = { type: 'tool_call', id: 'c1', name: 'get_weather', args: { city: 'Oslo' } }
    expect(await weather.invoke(call)).toEqual({
      role: 'tool',
      name: 'get_weather',
      tool_call_id: 'c1',
      status: 'success',
      content: '{"city":"Oslo","days":1,"celsius":12}',
    })
  })

  it('is shown to models as JSON Schema', () => {
    expect(toolParam(weather)).toEqual({
      type: 'function',
      function: {
        name: 'get_weather',
        description: 'The weather of a city.',
        parameters: expect.objectContaining({
          type: 'object',
          properties: { city: { type: 'string' }, days: expect.objectContaining({ type: 'number' }) },
        }),
      },
    })
  })

  it('without a schema takes nothing', () => {
    const ping = tool(() => 'pong', { name: 'ping' })
    expect(toolParam(ping)).toMatchObject({ function: { parameters: { type: 'object', properties: {} } } })
  })

  it('sees what its node was given, and the call', async () => {
    const look = tool((_, runtime) => [runtime.state, runtime.toolCallId, runtime.runId], { name: 'look' })
    const call = { id: 'c1', name: 'look', args: {} }
    const output = toClientTool(look).run(call, toolRuntime(call, { runId: 'r1' }, { who: 'ada' }))
    expect(await output).toEqual([{ who: 'ada' }, 'c1', 'r1'])
  })

  it('may give the program more than the model', async () => {
    const chart = tool(() => ['a chart', { points: [1, 2] }], {
      name: 'chart',
      responseFormat: 'content_and_artifact',
    })
    const message = await chart.invoke({ type: 'tool_call', id: 'c', name: 'chart', args: {} })
    expect(message).toMatchObject({ content: 'a chart', artifact: { points: [1, 2] } })
  })
})

describe('what else is a tool', () => {
  it('LangChain’s tools, called as they want to be', async () => {
    const theirs = theirTool(async ({ a }: { a: number }) => `${a + 1}`, {
      name: 'next',
      description: 'The next number.',
      schema: z.object({ a: z.number() }),
    })
    const accepted = toClientTool(theirs)
    expect(accepted).toMatchObject({
      name: 'next',
      description: 'The next number.',
      parameters: { type: 'object', properties: { a: { type: 'number' } } },
    })
    const call = { id: 'c1', name: 'next', args: { a: 1 } }
    expect(await accepted.run(call, toolRuntime(call, {}, {}))).toMatchObject({
      content: '2',
      tool_call_id: 'c1',
    })
  })

  it('a plain object with execute', async () => {
    const plain = {
      name: 'double',
      description: '',
      schema: { type: 'object', required: ['n'] },
      execute: ({ n }: { n: number }) => n * 2,
    }
    const accepted = toClientTool(plain)
    const call = { id: 'c1', name: 'double', args: { n: 2 } }
    expect(await accepted.run(call, toolRuntime(call, {}, {}))).toBe(4)
    const wrong = { ...call, args: {} }
    await expect(accepted.run(wrong, toolRuntime(wrong, {}, {}))).rejects.toThrow('n is missing')
  })

  it('what a provider runs itself is passed on', () => {
    const search = { type: 'web_search_20250305', name: 'web_search' }
    expect(toolParam(search)).toEqual(search)
    expect(() => toClientTool(search)).toThrow('is no tool')
  })
})

describe('JSON Schema', () => {
  const person = {
    type: 'object',
    properties: {
      name: { type: 'string', minLength: 1 },
      age: { type: 'integer', minimum: 0 },
      kind: { enum: ['a', 'b'] },
      tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
      parent: { $ref: '#/$defs/person' },
      either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    },
    required: ['name'],
    additionalProperties: false,
    $defs: {
      person: { type: 'object', required: ['name'], properties: { parent: { $ref: '#/$defs/person' } } },
    },
  }

  it.each<[value: unknown, faults: string[]]>([
    [{ name: 'Ada', age: 3, kind: 'a', tags: ['x'], either: null }, []],
    [{}, ['name is missing']],
    [{ name: '' }, ['name must have at least 1 characters']],
    [{ name: 'Ada', age: 1.5 }, ['age must be integer, not 1.5']],
    [{ name: 'Ada', age: -1 }, ['age must be at least 0']],
    [{ name: 'Ada', kind: 'c' }, ['kind must be one of "a", "b", not "c"']],
    [
      { name: 'Ada', tags: ['x', 1, 'y'] },
      ['tags must have at most 2 items', 'tags[1] must be string, not 1'],
    ],
    [{ name: 'Ada', parent: { parent: {} } }, ['parent.name is missing', 'parent.parent.name is missing']],
    [{ name: 'Ada', either: 1 }, ['either must be string, not 1']],
    [{ name: 'Ada', more: 1 }, ['more is not allowed']],
    ['Ada', ['the value must be object, not "Ada"']],
  ])('%j', (value, faults) => {
    expect(schemaFaults(value, person)).toEqual(faults)
  })

  it('one that refers to itself for ever is not followed for ever', () => {
    expect(schemaFaults({}, { $ref: '#' })).toEqual([])
  })
})
