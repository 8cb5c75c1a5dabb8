/** Where a budget manager keeps what it knows: one text, as a whole. */
export interface BudgetStorage {
  /** `undefined`: nothing has been kept yet. */
  load: () => Promise<string | undefined>
  save: (text: string) => Promise<void>
}

/**
 * Keeps it in a file, replaced as a whole, so that a crash leaves the old one or the new one. For one process: of two
 * that write the same file the last wins. Several share budgets through the gateway, or a storage of your own.
 */
export function fileStorage(path: string): BudgetStorage {
  return {
    async load() {
      const { readFile } = await import('node:fs/promises')
      try {
        return await readFile(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw error
      }
    },
    async save(text) {
      const { rename, writeFile } = await import('node:fs/promises')
      const next = `${path}.next`
      await writeFile(next, text, { flush: true })
      await rename(next, path)
    },
  }
}

/** Keeps it as long as the process lives. */
export function memoryStorage(): BudgetStorage {
  let kept: string | undefined
  return {
    load: () => Promise.resolve(kept),
    save: (text) => {
      kept = text
      return Promise.resolve()
    },
  }
}
