/** Where a graph begins: the source of its first edge. */
export const START = '__start__'
/** Where a graph ends: an edge to it leads nowhere else. */
export const END = '__end__'
/** The key under which the result of a paused run lists its interrupts. */
export const INTERRUPT = '__interrupt__'

/** As `asNode`: the values count as new input of the graph. Also the writer of input in what is stored. */
export const INPUT = '__input__'
/** As `asNode`: the checkpoint is copied to a new branch. */
export const COPY = '__copy__'
/** Channel of a pending write: what a failed task threw. */
export const ERROR = '__error__'
/** Channel of a pending write: the node whose failure an error handler is dealing with. */
export const ERROR_SOURCE_NODE = '__error_source_node__'
/** Channel of a pending write: answers to a task's interrupts, in the order in which it asks. */
export const RESUME = '__resume__'
/** Channel of a pending write: the task finished and wrote nothing. */
export const NO_WRITES = '__no_writes__'
/** Channel of a pending write: what a called task returned. */
export const RETURN = '__return__'
/** Channel that keeps what an entrypoint saved for its next call on the thread. */
export const PREVIOUS = '__previous__'
/** State of a graph that is one value instead of an object of keys. */
export const ROOT = '__root__'

/** Channel of `Send`s that are due in the next superstep. */
export const TASKS = '__pregel_tasks'
/** First element of the path of a task that was sent or called. */
export const PUSH = '__pregel_push'
/** First element of the path of a task that an edge triggered. */
export const PULL = '__pregel_pull'

/** Writer of what belongs to no task: a command given as input. */
export const NULL_TASK_ID = '00000000-0000-0000-0000-000000000000'
/** Between the levels of a namespace. */
export const NAMESPACE_SEPARATOR = '|'
/** Between a node's name and its task's id within a level. */
export const NAMESPACE_END = ':'

/** A tag that keeps a node out of streams. */
export const TAG_HIDDEN = 'langsmith:hidden'
/** A tag that keeps a model's tokens out of the `messages` stream. */
export const TAG_NOSTREAM = 'langsmith:nostream'

/** Supersteps of one run when nothing else is said. */
export const DEFAULT_RECURSION_LIMIT = 25
