import { TASK_KEY } from './ambient.ts'
import type { TaskContext } from './context.ts'
import type { Runtime } from '../node/runtime.ts'

/**
 * How each part of a runtime is made, when somebody looks at it. A name and an id of a run are not among them: a model that
 * is called with the runtime as its config would take them for its own.
 */
const PARTS: {
  readonly [Key in Exclude<keyof Required<Runtime>, 'runId' | 'runName'>]: (
    context: TaskContext,
  ) => Required<Runtime>[Key] | undefined
} = {
  context: ({ host }) => host.settings.context as Record<string, unknown> | undefined,
  configurable: (context) => ({
    ...context.host.configurable,
    checkpoint_ns: context.task.namespace,
    checkpoint_id: undefined,
    [TASK_KEY]: context,
  }),
  store: ({ host }) => host.settings.store,
  tags: ({ host, task }) =>
    task.node.tags === undefined ? host.settings.tags : [...(host.settings.tags ?? []), ...task.node.tags],
  metadata: (context) => taskMetadata(context),
  callbacks: (context) => context.host.callbacksFor(context),
  recursionLimit: ({ host }) => host.settings.recursionLimit,
  maxConcurrency: ({ host }) => host.settings.maxConcurrency,
  signal: (context) => context.signal,
  previous: ({ host }) => host.previous,
  executionInfo: (context) => context.executionInfo,
  serverInfo: ({ host }) => host.settings.serverInfo,
  control: ({ host }) => host.settings.control,
  writer: (context) => (chunk) => context.host.writeCustom(context, chunk),
  interrupt: (context) => (value, options) => context.interrupt(value, options?.responseSchema) as never,
  heartbeat: (context) => () => context.onProgress?.(true),
  step: (context) => (name, work) => context.step(name, work),
}
const KEYS = Object.keys(PARTS)

/** What was looked at, and what was set by hand. */
class Looked {
  readonly context: TaskContext
  parts: Record<PropertyKey, unknown> | undefined

  constructor(context: TaskContext) {
    this.context = context
  }
}

const handler: ProxyHandler<Looked> = {
  get(looked, key) {
    const parts = (looked.parts ??= {})
    if (Object.hasOwn(parts, key)) return parts[key]
    if (typeof key === 'symbol' || !Object.hasOwn(PARTS, key)) return undefined
    return (parts[key] = PARTS[key as keyof typeof PARTS](looked.context))
  },
  set(looked, key, value) {
    ;(looked.parts ??= {})[key] = value
    return true
  },
  has: (looked, key) => Object.hasOwn(PARTS, key) || Object.hasOwn(looked.parts ?? {}, key),
  ownKeys: ({ parts }) => [...new Set([...KEYS, ...Reflect.ownKeys(parts ?? {})])],
  getOwnPropertyDescriptor(looked, key) {
    if (!handler.has?.(looked, key)) return undefined
    const value: unknown = handler.get?.(looked, key, looked)
    return { value, writable: true, enumerable: true, configurable: true }
  },
}

/**
 * What a node is given as its second argument: an object like any other, copied by spreading too, whose parts are made
 * when they are looked at. Most nodes look at none, and each superstep makes one of these.
 */
export function createRuntime(context: TaskContext): Runtime {
  return new Proxy(new Looked(context), handler) as unknown as Runtime
}

/** What messages and tracers are told of the task that they come from. */
export function taskMetadata({ host, task }: Pick<TaskContext, 'host' | 'task'>): Record<string, unknown> {
  return {
    ls_integration: 'langgraph',
    ...host.settings.metadata,
    langgraph_step: task.place.step,
    langgraph_node: task.name,
    langgraph_triggers: task.triggers,
    langgraph_path: task.path,
    langgraph_checkpoint_ns: task.namespace,
    checkpoint_ns: task.namespace,
    ...task.node.metadata,
  }
}
