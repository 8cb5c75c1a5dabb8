import type { TimeoutPolicy } from '../control.ts'
import type { CachePolicy, RetryPolicy } from '../runtime/policies.ts'
import type { NodeInit, WriteSink } from '../runtime/program.ts'
import { isRunnable } from '../runtime/runnable.ts'
import type { Invocable } from './action.ts'
import { toWork } from './action.ts'
import { ChannelWrite } from './channel-write.ts'

/** What a node does, step by step: functions, runnables, graphs; a {@link ChannelWrite} ends it. */
export type NodeStep = ((input: never, runtime: never) => unknown) | Invocable

/** A node before it is part of a graph. */
export interface PregelNodeInit {
  /** Channels that it reads: a list gives it the first that has a value, a table gives it an object. */
  readonly channels: Readonly<Record<string, string>> | readonly string[]
  /** Channels that make it run when they change. */
  readonly triggers: readonly string[]
  readonly mapper?: ((input: never) => unknown) | undefined
  readonly steps?: readonly NodeStep[] | undefined
  readonly writers?: readonly ChannelWrite[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
  readonly retryPolicy?: RetryPolicy | undefined
  readonly cachePolicy?: CachePolicy | undefined
  readonly timeout?: TimeoutPolicy | undefined
}

/** A node of a {@link Pregel}: what it reads, what it does with it, where that goes. Made by `Channel.subscribeTo`. */
export class PregelNode {
  readonly lc_runnable = true
  readonly channels: Readonly<Record<string, string>> | readonly string[]
  readonly triggers: readonly string[]
  readonly mapper: ((input: never) => unknown) | undefined
  readonly steps: readonly NodeStep[]
  readonly writers: readonly ChannelWrite[]
  readonly tags: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>>
  readonly retryPolicy: RetryPolicy | undefined
  readonly cachePolicy: CachePolicy | undefined
  readonly timeout: TimeoutPolicy | undefined

  constructor(init: PregelNodeInit) {
    this.channels = init.channels
    this.triggers = init.triggers
    this.mapper = init.mapper
    this.steps = init.steps ?? []
    this.writers = init.writers ?? []
    this.tags = init.tags ?? []
    this.metadata = init.metadata ?? {}
    this.retryPolicy = init.retryPolicy
    this.cachePolicy = init.cachePolicy
    this.timeout = init.timeout
  }

  /** The same node with one more step; those that write do so when all others are done. */
  pipe(step: NodeStep): PregelNode {
    return step instanceof ChannelWrite
      ? new PregelNode({ ...this, writers: [...this.writers, step] })
      : new PregelNode({ ...this, steps: [...this.steps, step] })
  }

  /** The same node, which reads these channels too but is not triggered by them. */
  join(channels: readonly string[]): PregelNode {
    if (Array.isArray(this.channels)) {
      throw new Error('Only a node that reads its channels by name can be joined: subscribe to a list.')
    }
    return new PregelNode({
      ...this,
      channels: { ...this.channels, ...Object.fromEntries(channels.map((channel) => [channel, channel])) },
    })
  }

  /** Does its steps on an input, without a graph around it. */
  async invoke(input: unknown, config?: unknown): Promise<unknown> {
    return runSteps(this.steps, input, config)
  }
}

/** A node as it is declared to the runtime. */
export function toNodeInit(name: string, node: PregelNode): NodeInit {
  const { channels, steps, writers } = node
  return {
    name,
    triggers: node.triggers,
    reads: Array.isArray(channels)
      ? { type: 'value', channels: channels as readonly string[] }
      : { type: 'object', keys: Object.entries(channels) },
    mapper: node.mapper as ((input: unknown) => unknown) | undefined,
    run: (input, runtime) => runSteps(steps, input, runtime),
    write: (output, sink) => runWriters(writers, output, sink),
    tags: node.tags,
    metadata: node.metadata,
    retry: node.retryPolicy,
    cache: node.cachePolicy,
    timeout: node.timeout,
    subgraphs: steps,
  }
}

async function runSteps(steps: readonly NodeStep[], input: unknown, runtime: unknown): Promise<unknown> {
  let value = input
  for (const step of steps) {
    const result: unknown = await toWork(step)(value, runtime as never)
    // What a step returns may be the work to do, as in LangChain's chains.
    value = isRunnable(result) ? await result.invoke(value, runtime) : result
  }
  return value
}

async function runWriters(writers: readonly ChannelWrite[], output: unknown, sink: WriteSink): Promise<void> {
  for (const writer of writers) await writer.write(output, sink)
}
