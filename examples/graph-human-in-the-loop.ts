// A human approves a draft, or sends it back; and is asked before a tool does something that cannot be undone.
import assert from 'node:assert/strict'
import {
  Annotation,
  Command,
  createReactAgent,
  END,
  interrupt,
  isInterrupted,
  MemorySaver,
  START,
  StateGraph,
  tool,
  withApproval,
} from '@switchyard/graph'
import { z } from 'zod'
import { startModel } from './support/model.ts'

const { llm, isDemo, close } = await startModel()

const State = Annotation.Root({
  draft: Annotation<string>,
  approved: Annotation<boolean>,
  version: Annotation<number>,
})
const app = new StateGraph(State)
  .addNode('writer', ({ version = 0 }) => ({ draft: `draft ${version + 1}`, version: version + 1 }))
  .addNode('human_approval', ({ draft }) => ({
    approved: interrupt<string, string>(`Approve "${draft}"? (y/n)`) === 'y',
  }))
  .addNode('reviewer', ({ draft }) => ({ draft: `${draft}, reviewed` }))
  .addEdge(START, 'writer')
  .addEdge('writer', 'human_approval')
  .addConditionalEdges('human_approval', ({ approved }) => (approved ? 'reviewer' : 'writer'), [
    'reviewer',
    'writer',
  ])
  .addEdge('reviewer', END)
  .compile({ checkpointer: new MemorySaver() })

const thread = { configurable: { thread_id: 'article' } }
let state = await app.invoke({}, thread)
for (const answer of ['n', 'y']) {
  if (isInterrupted<string>(state)) console.log(state.__interrupt__[0]?.value, answer)
  state = await app.invoke(new Command({ resume: answer }), thread)
}
assert.equal(state.draft, 'draft 2, reviewed')

// The same for tools, in the shape that agent inboxes show: accept, edit, response, ignore.
const sent: unknown[] = []
const send = tool(({ to }) => sent.push(to) && `sent to ${to}`, {
  name: 'send_email',
  description: 'Sends an email.',
  schema: z.object({ to: z.string() }),
})
const agent = createReactAgent({ llm, tools: [withApproval(send)], checkpointer: new MemorySaver() })
const paused = await agent.invoke({ messages: 'Use send_email for "ada@example.com"' }, thread)
if (isInterrupted(paused)) console.log(JSON.stringify(paused.__interrupt__[0]?.value))
const edited = { type: 'edit', args: { action: 'send_email', args: { to: 'bob@example.com' } } }
await agent.invoke(new Command({ resume: [edited] }), thread)
console.log('sent to', sent)
if (isDemo) assert.deepEqual(sent, ['bob@example.com'])

await close()
