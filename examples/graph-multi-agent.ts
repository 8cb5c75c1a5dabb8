// A researcher, a writer and a reviewer who share a state; whose turn it is stands in it.
import assert from 'node:assert/strict'
import { Annotation, chat, END, MessagesAnnotation, START, StateGraph, textOf } from '@switchyard/graph'
import type { Runtime } from '@switchyard/graph'
import { startModel } from './support/model.ts'

const { llm, close } = await startModel()

const State = Annotation.Root({
  ...MessagesAnnotation.spec,
  currentAgent: Annotation<string>,
  taskComplete: Annotation<boolean>,
})
type StateType = typeof State.State

/** An agent that does its part and says who is next. */
function specialist(name: string, instruction: string, next: string | undefined) {
  return async ({ messages }: StateType, runtime: Runtime) => {
    const system = { role: 'system' as const, content: instruction }
    const answer = await chat({ ...llm, messages: [system, ...messages] }, runtime)
    // Said by a colleague: models answer what they are told, not what they said themselves.
    const said = { role: 'user' as const, name, content: `[${name.toUpperCase()}]: ${textOf(answer)}` }
    return { messages: [said], currentAgent: next ?? name, taskComplete: next === undefined }
  }
}

const route = ({ currentAgent, taskComplete }: StateType): string => (taskComplete ? END : currentAgent)

const app = new StateGraph(State)
  .addNode('researcher', specialist('researcher', 'Gather and analyze information.', 'writer'))
  .addNode('writer', specialist('writer', 'Create clear, engaging content.', 'reviewer'))
  .addNode('reviewer', specialist('reviewer', 'Check for accuracy and clarity.', undefined))
  .addEdge(START, 'researcher')
  .addConditionalEdges('researcher', route, ['writer', 'reviewer', END])
  .addConditionalEdges('writer', route, ['reviewer', END])
  .addEdge('reviewer', END)
  .compile()

const { messages, taskComplete } = await app.invoke({
  messages: 'Write a brief article about renewable energy',
  currentAgent: 'researcher',
  taskComplete: false,
})
for (const message of messages) console.log(textOf(message))
assert.equal(taskComplete, true)
assert.deepEqual(
  messages.slice(1).map(({ name }) => name),
  ['researcher', 'writer', 'reviewer'],
)

await close()
