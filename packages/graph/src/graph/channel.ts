import { isInvocable } from './action.ts'
import type { ChannelWriteEntry } from './channel-write.ts'
import { ChannelWrite, PASSTHROUGH } from './channel-write.ts'
import { PregelNode } from './pregel-node.ts'

/**
 * Begins and ends the nodes of a {@link Pregel}.
 *
 * @example
 * const node = Channel.subscribeTo('input')
 *   .pipe((n: number) => n + 1)
 *   .pipe(Channel.writeTo(['output']))
 */
export const Channel: {
  /**
   * A node that runs when one of the channels changes. One channel gives it the value, or `{ [key]: value }`; a list
   * gives it an object.
   */
  subscribeTo(
    channel: string,
    options?: { readonly key?: string; readonly tags?: readonly string[] },
  ): PregelNode
  subscribeTo(
    channels: readonly string[],
    options?: { readonly key?: undefined; readonly tags?: readonly string[] },
  ): PregelNode
  /**
   * Writes what the node has come to.
   * @param writes further channels: a fixed value, or a function of what the node has come to
   */
  writeTo(channels: readonly string[], writes?: Readonly<Record<string, unknown>>): ChannelWrite
} = { subscribeTo, writeTo }

function subscribeTo(
  channels: string | readonly string[],
  options: { readonly key?: string | undefined; readonly tags?: readonly string[] } = {},
): PregelNode {
  const { key, tags } = options
  if (typeof channels === 'string') {
    const reads = key === undefined ? [channels] : { [key]: channels }
    return new PregelNode({ channels: reads, triggers: [channels], tags })
  }
  if (key !== undefined) throw new Error('A key names one channel: leave it out for a list.')
  const byName = Object.fromEntries(channels.map((channel) => [channel, channel]))
  return new PregelNode({ channels: byName, triggers: channels, tags })
}

function writeTo(channels: readonly string[], writes: Readonly<Record<string, unknown>> = {}): ChannelWrite {
  return new ChannelWrite([
    ...channels.map((channel): ChannelWriteEntry => ({ channel, value: PASSTHROUGH, skipNone: false })),
    ...Object.entries(writes).map(([channel, value]): ChannelWriteEntry =>
      typeof value === 'function' || isInvocable(value)
        ? { channel, value: PASSTHROUGH, skipNone: true, mapper: value }
        : { channel, value, skipNone: false },
    ),
  ])
}
