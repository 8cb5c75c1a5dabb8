import type { Copy } from './data.ts'

/**
 * Items that nobody else has, handed out as copies. Conversations are long lists of small records that hold no objects;
 * it remembers which ones they are, since those are copied in one stroke and need not be looked into.
 */
export class PrivateList {
  readonly items: unknown[] = []
  readonly #isFlat: boolean[] = []

  get length(): number {
    return this.items.length
  }

  push(items: Iterable<unknown>): void {
    for (const item of items) {
      this.items.push(item)
      this.#isFlat.push(isFlatRecord(item))
    }
  }

  /** Copies of the first items. */
  copies(count: number, copy: Copy, path: string): unknown[] {
    // Cut to its length at once: a list that grows is moved several times.
    const copies = this.items.slice(0, count)
    for (let index = 0; index < count; index += 1) {
      const item = copies[index]
      copies[index] = this.#isFlat[index] === true ? { ...(item as object) } : copy(item, path)
    }
    return copies
  }
}

function isFlatRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  for (const key in value) {
    const field = (value as Record<string, unknown>)[key]
    if (typeof field === 'object' && field !== null) return false
  }
  return true
}
