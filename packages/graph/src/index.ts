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
export { copyCheckpoint, emptyCheckpoint } from './checkpoint/langgraph-checkpoint.ts'
export { BaseCheckpointSaver } from './checkpoint/base-checkpoint-saver.ts'
export type {
  CheckpointListOptions,
  DeltaChannelHistory,
  SaverConfig,
} from './checkpoint/base-checkpoint-saver.ts'
export type { CheckpointTuple } from './checkpoint/base-saver.ts'
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
export { InMemoryCache } from './cache/cache.ts'
export type { BaseCache, CacheKey } from './cache/cache.ts'
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
  InvalidResumeError,
  InvalidUpdateError,
  isGraphBubbleUp,
  isGraphDrained,
  isGraphInterrupt,
  isInvalidResume,
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
export { StateGraph } from './graph/builder.ts'
export { CompiledStateGraph } from './graph/compiled.ts'
export { entrypoint, task } from './graph/functional.ts'
export type { EntrypointFinal, EntrypointOptions, TaskOptions } from './graph/functional.ts'
export { Pregel } from './graph/pregel.ts'
export { Graph, MessageGraph } from './graph/value-graph.ts'
export type { ModeChunks, RunOptions, StreamChunk, StreamOptions } from './graph/run-options.ts'
export type { EventFilter, StreamEvent } from './graph/event-stream.ts'
export type {
  ConditionalEdgeRouter,
  ConditionalEdgeRouterTypes,
  ExtractStateType,
  ExtractUpdateType,
  GraphNode,
  GraphNodeTypes,
  StateGraphArgs,
} from './graph/node-types.ts'
export type { PregelInit as PregelParams } from './graph/pregel.ts'
export type { LifecycleEntry, LifecycleStatus } from './stream/lifecycle.ts'
export type { StateUpdate } from './graph/update.ts'
export type {
  CheckpointConfig,
  StateSnapshot,
  TaskSnapshot,
  WaitingEdgeDescription,
} from './runtime/describe.ts'
export type { CompileOptions, NodeAction, NodeOptions } from './graph/types.ts'
export { RunControl } from './node/run-control.ts'
export type { RunUsage, StorageWait } from './node/run-control.ts'
export { GraphCallbackHandler } from './runtime/graph-callback-handler.ts'
export type { GraphInterruptEvent, GraphResumeEvent } from './runtime/graph-callback-handler.ts'
export type { Durability, RunBudgets } from './runtime/host.ts'
export {
  getConfig,
  getCurrentTaskInput,
  getPreviousState,
  getRuntime,
  getStore,
  getWriter,
  pushMessage,
  streamMessage,
  streamToolEvent,
  writer,
} from './runtime/helpers.ts'
export type { PushMessageOptions } from './runtime/helpers.ts'
export { interrupt } from './runtime/interrupt.ts'
export type { CachePolicy, RetryPolicy } from './runtime/policies.ts'
export type { GraphNodeReturnValue } from './node/function.ts'
export type {
  ExecutionInfo,
  InterruptOptions,
  LangGraphRunnableConfig,
  Runtime,
  ServerInfo,
} from './node/runtime.ts'
export { omitPayload } from './runtime/trace-policy.ts'
export type { TracePolicy } from './runtime/trace-policy.ts'
export { Annotation, AnnotationRoot } from './state/annotation.ts'
export type { SingleReducer, StateDefinition, StateType, UpdateType } from './state/annotation.ts'
export type { StateInit, StateOf, UpdateOf } from './state/definition.ts'
export {
  MessagesAnnotation,
  MessagesDeltaValue,
  MessagesValue,
  MessagesZodMeta,
  MessagesZodState,
} from './state/prebuilt.ts'
export type { ExtensibleSchema } from './state/object-schema.ts'
export {
  isSerializableSchema,
  isStandardSchema,
  schemaDefault as getSchemaDefaultGetter,
  schemaJson as getJsonSchemaFromSchema,
} from './state/standard-schema.ts'
export type { ObjectSchema, StandardSchema } from './state/standard-schema.ts'
export { StateSchema } from './state/state-schema.ts'
export { DeltaValue, ReducedValue, UntrackedValue } from './state/values.ts'
export { SchemaMetaRegistry, schemaMetaRegistry, withLangGraph } from './state/zod-meta.ts'
export type { SchemaMeta } from './state/zod-meta.ts'
export type { StreamMode } from './stream/events.ts'
export { GraphRunStream, SubgraphRunStream } from './stream/graph-run.ts'
export type { RunInterrupt, StateList } from './stream/graph-run.ts'
export type { ProtocolEvent } from './stream/protocol.ts'
export { StreamChannel } from './stream/transformer.ts'
export type { StreamTransformer } from './stream/transformer.ts'
export { RunStream } from './stream/run-stream.ts'
export { DrawableGraph } from './graph/draw/drawable.ts'
export type { GraphJson } from './graph/draw/drawable.ts'
export type { DrawableEdge, DrawableNode } from './graph/draw/drawing.ts'
export { withApproval, requestApproval } from './agents/human.ts'
export type {
  ActionRequest,
  ApprovalOptions,
  HumanInterrupt,
  HumanInterruptConfig,
  HumanResponse,
} from './agents/human.ts'
export type { AgentNameMode } from './agents/agent-name.ts'
export type { NamedAgent } from './agents/agents.ts'
export type { CompletionClient } from './agents/completion.ts'
export { createHandoffTool, createSupervisorHandoffTool } from './agents/handoff.ts'
export { chat } from './agents/model.ts'
export type { ForeignModel, ModelLike, ModelRequest, ModelSettings } from './agents/model.ts'
export { createPlanAndExecute } from './agents/plan-and-execute.ts'
export type { CreatePlanAndExecuteParams, PastStep, PlanState } from './agents/plan-and-execute.ts'
export { createReactAgent, createReactAgentAnnotation } from './agents/react-agent.ts'
export type { CreateReactAgentParams, Prompt, ReactAgent } from './agents/react-agent.ts'
export { createSupervisor } from './agents/supervisor.ts'
export type { CreateSupervisorParams, MultiAgentGraph, OutputMode } from './agents/supervisor.ts'
export { addActiveAgentRouter, createSwarm, SwarmState } from './agents/swarm.ts'
export type { CreateSwarmParams } from './agents/swarm.ts'
export { ToolNode, toolsCondition } from './agents/tool-node.ts'
export type { ToolErrorPolicy, ToolNodeOptions } from './agents/tool-node.ts'
export type { ForeignTool, ServerTool, ToolLike } from './tools/accept.ts'
export { tool, ToolInputError } from './tools/tool.ts'
export type { Tool, ToolFields, ToolRuntime } from './tools/tool.ts'
export type { MermaidOptions } from './graph/draw/mermaid.ts'
export type { SvgOptions } from './graph/draw/svg.ts'
