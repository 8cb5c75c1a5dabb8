import { AIMessage, HumanMessage, ToolMessage } from '@langchain/core/messages'
import type { BaseMessage } from '@langchain/core/messages'
import { RunnableLambda } from '@langchain/core/runnables'
import { tool } from '@langchain/core/tools'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { Command } from '../control.ts'
import { StateGraph } from '../graph/builder.ts'
import { MessagesAnnotation } from '../state/prebuilt.ts'
import type { ForeignModel } from './model.ts'
import { createReactAgent } from './react-agent.ts'
import { ToolNode } from './tool-node.ts'

/** A chat model by LangChain's interface, that says what is written down and remembers what it was told. */
class Scripted implements ForeignModel {
  readonly seen: BaseMessage[][] = []
  readonly boundTools: unknown[][] = []
  readonly formats: unknown[][] = []
  readonly answers: readonly AIMessage[]

  constructor(...answers: readonly AIMessage[]) {
    this.answers = answers
  }

  async invoke(messages: never): Promise<unknown> {
    this.seen.push(messages)
    return this.answers[this.seen.length - 1]
  }

  bindTools(tools: never[]): ForeignModel {
    this.boundTools.push(tools)
    return this
  }

  withStructuredOutput(...format: unknown[]): { invoke: (messages: never) => Promise<unknown> } {
    this.formats.push(format)
    return { invoke: async () => ({ fits: true }) }
  }
}

const named = (name: string) => tool(() => `${name} done`, { name, description: name, schema: z.object({}) })
const wish = (...names: string[]): AIMessage =>
  new AIMessage({
    content: '',
    tool_calls: names.map((name, index) => ({ id: `c${index}`, name, args: {} })),
  })
const said = ({ seen }: Scripted): unknown[][] => seen.map((all) => all.map(({ content }) => content))

describe('an agent with a model of LangChain', () => {
  it('binds its tools as they are', async () => {
    const [one, model] = [named('one'), new Scripted(new AIMessage('hi'))]
    await createReactAgent({ llm: model, tools: [one] }).invoke({ messages: 'hello' })
    expect(model.boundTools).toEqual([[one]])
  })

  it.each<[string, object]>([
    ['kwargs', { kwargs: { tools: [{ type: 'function', function: { name: 'one' } }] } }],
    ['config', { config: { tools: [{ name: 'one' }] } }],
    ['Bedrock', { kwargs: { tools: [{ toolSpec: { name: 'one' } }] } }],
    ['Google', { kwargs: { tools: [{ functionDeclarations: [{ name: 'one' }] }] } }],
  ])('takes the tools that are bound already, and only those: %s', async (_where, bound) => {
    const ask = (...names: string[]): Promise<unknown> => {
      const model = Object.assign(new Scripted(new AIMessage('hi')), bound)
      const agent = createReactAgent({ llm: model, tools: names.map(named) })
      return agent.invoke({ messages: 'hello' }).then(() => model.boundTools)
    }
    expect(await ask('one')).toEqual([])
    await expect(ask('one', 'two')).rejects.toThrow('1 are bound, 2 are passed')
    await expect(ask('two')).rejects.toThrow("Missing tools 'two'")
  })

  it('shows it who said what, and leaves the conversation as it was', async () => {
    const model = new Scripted(new AIMessage('one'), new AIMessage('<name>ann</name><content>two</content>'))
    const agent = createReactAgent({ llm: model, tools: [], name: 'ann', includeAgentName: 'inline' })
    const { messages } = await agent.invoke({ messages: [new HumanMessage('hi')] })
    const blocks = new AIMessage({ name: 'bob', content: [{ type: 'text', text: 'three' }] })
    const after = await agent.invoke({ messages: [...messages, blocks as never] })
    expect(said(model)[1]).toEqual([
      'hi',
      '<name>ann</name><content>one</content>',
      [{ type: 'text', text: '<name>bob</name><content>three</content>' }],
    ])
    expect(model.seen[1]?.[1]?.name).toBeUndefined()
    expect(after.messages.map(({ content }) => content)).toEqual(['hi', 'one', blocks.content, 'two'])
    expect(after.messages.at(-1)).toBeInstanceOf(AIMessage)
  })

  it('hands the options of a format on', async () => {
    const [schema, model] = [
      z.object({ fits: z.boolean() }),
      new Scripted(new AIMessage('hi'), new AIMessage('hi')),
    ]
    const responseFormat = { schema, prompt: 'Say whether it fits.', name: 'fit', strict: true }
    const agent = createReactAgent({ llm: model, tools: [], responseFormat })
    expect((await agent.invoke({ messages: 'hello' })).structuredResponse).toEqual({ fits: true })
    await createReactAgent({ llm: model, tools: [], responseFormat: schema }).invoke({ messages: 'hello' })
    expect(model.formats).toEqual([
      [schema, { name: 'fit', strict: true }],
      [schema, undefined],
    ])
  })

  it('knows the older names of prompts', async () => {
    const model = new Scripted(...Array.from({ length: 4 }, () => new AIMessage('hi')))
    const ask = (prompt: object): Promise<unknown> =>
      createReactAgent({ llm: model, tools: [], ...prompt }).invoke({ messages: 'hello' })
    await ask({ stateModifier: 'be brief' })
    await ask({ messageModifier: 'be brief' })
    await ask({ messageModifier: (messages: unknown[]) => [...messages, new HumanMessage('please')] })
    await ask({ messageModifier: { invoke: async (messages: unknown[]) => messages } })
    expect(said(model)).toEqual([
      ['be brief', 'hello'],
      ['be brief', 'hello'],
      ['hello', 'please'],
      ['hello'],
    ])
  })
})

describe('a tool node of LangChain’s tools', () => {
  const broken = tool(() => Promise.reject(new Error('broken')), {
    name: 'broken',
    description: 'fails',
    schema: z.object({}),
  })

  it('tells what a handler answers, and fails with the error when it has no answer', async () => {
    const input = { messages: [wish('broken')] }
    const answer = new ToolMessage({ content: 'Not today.', tool_call_id: 'c0' })
    const told = await new ToolNode([broken], { handleToolErrors: () => answer as never }).invoke(input)
    expect(told).toEqual({ messages: [answer] })
    const silent = new ToolNode([broken], { handleToolErrors: () => undefined })
    await expect(silent.invoke(input)).rejects.toThrow('broken')
  })

  it('calls a chain that was made a tool with its arguments, and answers with what it gave', async () => {
    const inner = named('inner')
    const chain = RunnableLambda.from(async (args: Record<string, never>, config) =>
      inner.invoke(args, config),
    )
    const schema = z.object({})
    const node = new ToolNode([chain.asTool({ name: 'chain', description: 'chain', schema }) as never])
    expect(await node.invoke({ messages: [wish('chain')] })).toMatchObject({
      messages: [{ name: 'chain', content: 'inner done', tool_call_id: 'c0' }],
    })
  })

  it('gives each output by itself outside of a graph, and along with the handover inside of one', async () => {
    const handoff = (name: string) =>
      tool(
        (_args, { toolCall }: { toolCall?: { id?: string } }) =>
          new Command({
            graph: Command.PARENT,
            goto: name,
            update: {
              messages: [new ToolMessage({ content: `to ${name}`, tool_call_id: String(toolCall?.id) })],
            },
          }),
        { name, description: name, schema: z.object({}) },
      )
    const node = new ToolNode([named('one'), handoff('ann'), handoff('bob')])
    const messages = [wish('one', 'ann', 'bob')]
    expect(await node.invoke({ messages })).toMatchObject([
      { messages: [{ content: 'one done' }] },
      { goto: ['ann'] },
      { goto: ['bob'] },
    ])
    const inner = new StateGraph(MessagesAnnotation)
      .addNode('tools', node)
      .addEdge('__start__', 'tools')
      .compile()
    const outer = new StateGraph(MessagesAnnotation)
      .addNode('team', inner, { ends: ['ann'] })
      .addNode('ann', () => ({}))
      .addEdge('__start__', 'team')
      .compile()
    const { messages: all } = await outer.invoke({ messages: messages as never })
    expect(all.slice(1).map(({ content }) => content)).toEqual([
      'one done',
      'Error: not done. The conversation was handed to ann.',
      'to ann',
    ])
  })
})
