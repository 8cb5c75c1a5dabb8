import type { Checkpointer } from '@switchyard/graph'

const WRITES: ReadonlySet<PropertyKey> = new Set(['commit', 'addWrites'])

/**
 * A saver whose process dies at a write: before it when the number is even, behind it when it is odd. The dead write
 * nothing more.
 */
export function killedAt(saver: Checkpointer, operation: number, onKill: () => void): Checkpointer {
  let left = operation >> 1
  let dead = false
  function die(): never {
    if (!dead) onKill()
    dead = true
    throw new Error('killed')
  }
  return new Proxy(saver, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      const call = member.bind(target) as (...parameters: unknown[]) => unknown
      if (!WRITES.has(name)) return call
      return (...parameters: unknown[]) => {
        if (dead) die()
        left -= 1
        if (left >= 0) return call(...parameters)
        if (operation % 2 === 0) die()
        call(...parameters)
        return die()
      }
    },
  })
}
