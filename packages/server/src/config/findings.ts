/** Where something is written; lines and columns count from 1. */
export interface SourceLocation {
  file: string
  line: number
  column: number
}

/** `error` stops the start; `warning` is probably a mistake; `info` is something to know. */
export type FindingLevel = 'error' | 'warning' | 'info'

/** One thing to say about a configuration. Never holds a value that could be a secret. */
export interface Finding extends SourceLocation {
  level: FindingLevel
  /** The setting: `model_list[0].litellm_params.model`; empty for the file as a whole. */
  path: string
  message: string
  /** What to do about it. */
  fix?: string | undefined
}

const severity: Record<FindingLevel, number> = { error: 0, warning: 1, info: 2 }

/** Worst first, then in reading order. */
export function compareFindings(left: Finding, right: Finding): number {
  return (
    severity[left.level] - severity[right.level] ||
    left.file.localeCompare(right.file) ||
    left.line - right.line ||
    left.column - right.column ||
    left.path.localeCompare(right.path)
  )
}
