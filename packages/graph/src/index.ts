export {
  AnyValue,
  BaseChannel,
  BinaryOperatorAggregate,
  DeltaChannel,
  EphemeralValue,
  LastValue,
  NamedBarrierValue,
  Topic,
  UntrackedValueChannel,
} from './channels/index.ts'
export type { BatchReducer, BinaryOperator } from './channels/index.ts'
export type { CheckpointListOptions, CheckpointTuple, SaverConfig } from './checkpoint/base-saver.ts'
export { newCheckpointId } from './checkpoint/checkpoint-id.ts'
export type {
  ChannelChange,
  Checkpoint,
  Checkpointer,
  CheckpointMetadata,
  Commit,
  ListQuery,
  PendingWrite,
  Place,
  PruneOptions,
  SavedCheckpoint,
  TaskWrites,
  ThreadSize,
  ThreadSummary,
} from './checkpoint/checkpointer.ts'
export type { Codec } from './checkpoint/data.ts'
export { messageClasses } from './checkpoint/langchain.ts'
export { MemorySaver, MemorySaver as InMemorySaver } from './checkpoint/memory.ts'
export type { MemorySaverOptions } from './checkpoint/memory.ts'
export { END, INTERRUPT, START } from './constants.ts'
export { Command, isCommand, isInterrupted, Overwrite, Send } from './control.ts'
export type { CommandParams, Goto, Interrupt, SendInterface, TimeoutPolicy } from './control.ts'
export {
  BaseLangGraphError,
  EmptyChannelError,
  EmptyInputError,
  GraphBubbleUp,
  GraphDrained,
  GraphInterrupt,
  GraphRecursionError,
  GraphValueError,
  InvalidUpdateError,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isNodeError,
  isNodeTimeoutError,
  isParentCommand,
  MultipleSubgraphsError,
  NodeError,
  NodeInterrupt,
  NodeTimeoutError,
  ParentCommand,
  RemoteException,
  RunBudgetError,
  StateGraphInputError,
  UnknownInterruptError,
  UnreachableNodeError,
} from './errors.ts'
export type { GraphErrorCode, GraphErrorFields } from './errors.ts'
export type { MessageLike } from './state/coerce-message.ts'
export {
  isAssistantMessage,
  isSystemMessage,
  isToolMessage,
  isUserMessage,
  roleOf,
  textOf,
} from './state/message.ts'
export type {
  AssistantMessage,
  ContentPart,
  FunctionCall,
  ImageContent,
  Message,
  MessageRole,
  SystemMessage,
  TextContent,
  ToolMessage,
  UserMessage,
} from './state/message.ts'
export { messagesDeltaReducer, messagesStateReducer } from './state/messages.ts'
export { messagesStateReducer as addMessages } from './state/messages.ts'
export type { Messages, MessagesReducer } from './state/messages.ts'
export { REMOVE_ALL_MESSAGES, RemoveMessage } from './state/remove-message.ts'
export { toolCallsOf } from './state/tool-calls.ts'
export type { InvalidToolCall, ToolCall, ToolCalls } from './state/tool-calls.ts'
export { InMemoryStore } from './store/memory.ts'
export { InvalidNamespaceError } from './store/namespace.ts'
export { BaseStore } from './store/store.ts'
export type {
  GetOperation,
  IndexConfig,
  Item,
  ListNamespacesOperation,
  MatchCondition,
  Operation,
  OperationResults,
  PutOperation,
  PutOptions,
  SearchItem,
  SearchOperation,
  StoreOptions,
  StoreValue,
  TtlConfig,
} from './store/store.ts'
