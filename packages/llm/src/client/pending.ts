/** Work that goes on behind calls that have returned. */
export interface Pending {
  add: (work: Promise<unknown>) => void
  /** Resolves when everything begun so far is done. */
  flush: () => Promise<void>
}

export function createPending(): Pending {
  const open = new Set<Promise<unknown>>()
  return {
    add(work) {
      open.add(work)
      void work.finally(() => open.delete(work))
    },
    flush: async () => {
      await Promise.allSettled(open)
    },
  }
}
