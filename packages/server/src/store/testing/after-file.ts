const closers: (() => unknown)[] = []

/** Closes something after the test file that is running; what was opened last is closed first. */
export function afterFile(close: () => unknown): void {
  closers.push(close)
}

/** Called once after each file, by tests/support/repeatable.ts. */
export async function endFile(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}
