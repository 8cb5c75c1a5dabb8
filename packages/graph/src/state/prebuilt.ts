import type { BinaryOperatorAggregate } from '../channels/index.ts'
import type { AnnotationRoot } from './annotation.ts'
import { Annotation } from './annotation.ts'
import type { Message } from './message.ts'
import type { Messages } from './messages.ts'
import { messagesDeltaReducer, messagesStateReducer } from './messages.ts'
import type { StandardSchema } from './standard-schema.ts'
import { DeltaValue, ReducedValue } from './values.ts'
import type { ExtensibleSchema } from './object-schema.ts'
import { objectSchema } from './object-schema.ts'
import type { SchemaMeta, WithReducer } from './zod-meta.ts'
import { withLangGraph } from './zod-meta.ts'

/** Takes any list of messages: what a message is, the reducer knows. Missing, it is an empty list. */
const anyMessages: StandardSchema<Messages, Message[]> = {
  '~standard': {
    version: 1,
    vendor: 'switchyard',
    validate: (value) => ({ value: (value ?? []) as Message[] }),
  },
}

const messageList = { langgraph_type: 'messages', description: 'A list of chat messages' }

/**
 * A state of one key, `messages`, whose updates are appended, replaced or removed by id.
 * @example new StateGraph(MessagesAnnotation).addNode('answer', (state) => ({ messages: [{ role: 'assistant', content: 'Hi' }] }))
 */
export const MessagesAnnotation: AnnotationRoot<{
  readonly messages: BinaryOperatorAggregate<Message[], Messages>
}> = Annotation.Root({
  messages: Annotation<Message[], Messages>({
    reducer: (left, right) => messagesStateReducer(left, right),
    default: () => [],
  }),
})

/** A list of messages as a field of a `StateSchema`. */
export const MessagesValue: ReducedValue<Message[], Messages> = new ReducedValue<Message[], Messages>(
  anyMessages as StandardSchema<unknown, Message[]>,
  {
    inputSchema: anyMessages as StandardSchema<unknown, Messages>,
    reducer: (left, right) => messagesStateReducer(left, right),
    jsonSchemaExtra: messageList,
  },
)

/** As {@link MessagesValue}, with the reducer that takes all writes of a superstep at once. */
export const MessagesDeltaValue: DeltaValue<Message[], Messages> = new DeltaValue<Message[], Messages>(
  anyMessages as StandardSchema<unknown, Message[]>,
  { reducer: (state, writes) => messagesDeltaReducer(state, writes), jsonSchemaExtra: messageList },
)

/** What makes a field of an object schema a list of messages, for `withLangGraph` and zod's `.register`. */
export const MessagesZodMeta: SchemaMeta<Message[], Messages> = {
  reducer: { schema: anyMessages as StandardSchema<unknown, Messages>, fn: messagesStateReducer },
  default: () => [],
  jsonSchemaExtra: messageList,
}

/**
 * As {@link MessagesAnnotation}, as an object schema: `.shape` and `.extend` are those of zod, and zod is not needed.
 * @example new StateGraph(MessagesZodState.extend({ city: z.string() }))
 */
export const MessagesZodState: ExtensibleSchema<{
  readonly messages: WithReducer<StandardSchema<Messages, Message[]>, Messages>
}> = objectSchema({ messages: withLangGraph({ ...anyMessages }, MessagesZodMeta) })
