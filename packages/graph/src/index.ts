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
