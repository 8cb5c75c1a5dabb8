import type { StreamEvent } from '../types/event.ts'

/** What is wrong with the order of a finished stream, by the contract of `StreamEvent`; empty when nothing is. */
export function orderFaults(events: readonly StreamEvent[]): string[] {
  const faults: string[] = []
  /** The kind of each block that has begun, and whether it still runs. */
  const blocks = new Map<number, { kind: string; open: boolean }>()
  let closed = false
  events.forEach((event, position) => {
    const fault = (what: string): unknown => faults.push(`${position} ${event.type}: ${what}`)
    if (closed) fault('follows the end')
    if ((position === 0) !== (event.type === 'start')) fault('start is first, and only first')
    switch (event.type) {
      case 'text-start':
      case 'reasoning-start':
      case 'refusal-start':
      case 'tool-call-start':
      case 'part': {
        if (blocks.has(event.index)) fault(`index ${event.index} is used again`)
        blocks.set(event.index, { kind: kindOf(event.type), open: event.type !== 'part' })
        return
      }
      case 'text-delta':
      case 'reasoning-delta':
      case 'refusal-delta':
      case 'tool-call-delta':
      case 'text-end':
      case 'reasoning-end':
      case 'refusal-end':
      case 'tool-call-end': {
        const block = blocks.get(event.index)
        if (block?.open !== true || block.kind !== kindOf(event.type))
          fault(`no such block ${event.index} runs`)
        if (block !== undefined && event.type.endsWith('-end')) block.open = false
        return
      }
      case 'annotation':
        if (blocks.get(event.index)?.kind !== 'text') fault(`${event.index} is no text`)
        return
      case 'finish':
      case 'error':
        closed = true
        for (const [index, block] of blocks) if (block.open) fault(`block ${index} still runs`)
        return
      default:
    }
  })
  if (!closed) faults.push('the stream has no end')
  return faults
}

function kindOf(type: StreamEvent['type']): string {
  return type.replace(/-(start|delta|end)$/, '')
}
