import {
  Annotation,
  MessagesAnnotation,
  Overwrite,
  ReducedValue,
  RemoveMessage,
  START,
  StateGraph,
  StateSchema,
  UntrackedValue,
} from '@switchyard/graph'
import { z } from 'zod'

// #region reducers
const State = Annotation.Root({
  title: Annotation<string>,
  lines: Annotation<string[]>({ reducer: (all, more) => [...all, ...more], default: () => [] }),
  words: Annotation<number>({ reducer: (sum, more) => sum + more, default: () => 0 }),
})

const graph = new StateGraph(State)
  .addNode('one', () => ({ lines: ['of tea'], words: 2 }))
  .addNode('two', () => ({ lines: ['and water'], words: 2 }))
  .addNode('tidy', ({ lines }) => ({ lines: new Overwrite([lines.join(' ')]) }))
  .addEdge(START, 'one')
  .addEdge(START, 'two')
  .addEdge(['one', 'two'], 'tidy')
  .compile()

console.log(await graph.invoke({ title: 'a cup' }))
// { title: 'a cup', lines: ['of tea and water'], words: 4 }
// #endregion

// #region messages
const chat = new StateGraph(MessagesAnnotation)
  .addNode('answer', ({ messages }) => ({
    messages: [{ role: 'assistant', content: `${messages.length} so far` }],
  }))
  .addNode('forget', ({ messages }) => ({ messages: new RemoveMessage({ id: messages[0]?.id as string }) }))
  .addEdge(START, 'answer')
  .addEdge('answer', 'forget')
  .compile()
const { messages } = await chat.invoke({ messages: 'hello' })
console.log(messages.map(({ content }) => content)) // ['1 so far']
// #endregion

// #region schema
const Checked = new StateSchema({
  question: z.string().min(1),
  answers: new ReducedValue(
    z.array(z.string()).default(() => []),
    { inputSchema: z.string(), reducer: (all: string[], one: string) => [...all, one] },
  ),
  connection: new UntrackedValue(z.object({ url: z.string() }).optional()),
})
const strict = new StateGraph(Checked, {
  input: new StateSchema({ question: z.string().min(1) }),
  output: Annotation.Root({ answers: Annotation<string[]> }),
})
  .addNode('connect', () => ({ connection: { url: 'memory:' } }))
  .addNode('answer', ({ question, connection }) => ({ answers: `${question} by ${connection?.url}` }))
  .addEdge(START, 'connect')
  .addEdge('connect', 'answer')
  .compile()
console.log(await strict.invoke({ question: 'why?' })) // { answers: ['why? by memory:'] }
await strict.invoke({ question: '' }).catch((error: Error) => console.log(error.message.split('\n')[0]))
// #endregion
