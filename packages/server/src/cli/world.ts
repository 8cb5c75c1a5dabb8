import type { Readable, Writable } from 'node:stream'

/** The process as a command may see it; tests bring their own. */
export interface World {
  /** The command line, without the program's own name. */
  words: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Where relative paths start. */
  directory: string
  stdin: Readable & { isTTY?: boolean | undefined }
  stdout: Writable & { isTTY?: boolean | undefined }
  stderr: Writable
  version: string
  /** Unix time. */
  nowMs: () => number
  /** Told once when the process is asked to end. */
  onEnd: (listener: (signal: string) => void) => void
  /** Told whenever the configuration is to be read anew. */
  onReload: (listener: () => void) => void
  /** Told when something failed that nobody was waiting for; the process ends after it. */
  onCrash: (listener: (error: unknown) => void) => void
}

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  /** `EX_CONFIG` of sysexits.h: something in the configuration has to change first. */
  configuration: 78,
} as const

/** Ends a command with a message for the person at the terminal: what is wrong and what to do. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The system's code of an error (`ENOENT`, `EADDRINUSE` …), where it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}
