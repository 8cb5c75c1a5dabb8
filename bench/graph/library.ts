import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What both libraries offer under the same names, as far as the cases need it. */
export interface GraphLibrary {
  StateGraph: new (state: unknown) => Builder
  Annotation: Annotate & { Root: (fields: Readonly<Record<string, unknown>>) => unknown }
  MemorySaver: new () => unknown
  Send: new (node: string, input: unknown) => unknown
  START: string
  END: string
}

type Annotate = (options?: {
  reducer: (left: never, right: never) => unknown
  default: () => unknown
}) => unknown

interface Builder {
  addNode: (name: string, action: (state: never) => unknown) => Builder
  addEdge: (from: string, to: string) => Builder
  addConditionalEdges: (
    from: string,
    choose: (state: never) => unknown,
    targets?: readonly string[],
  ) => Builder
  compile: (options?: { checkpointer?: unknown }) => Graph
}

export interface Graph {
  invoke: (input: unknown, config?: RunConfig) => Promise<Record<string, unknown>>
  stream: (input: unknown, config?: RunConfig) => Promise<AsyncIterable<unknown>> | AsyncIterable<unknown>
  getState: (config: RunConfig) => Promise<{ values: Record<string, unknown> }>
}

/** What is behind the doors of the savers. */
export interface SaverModule {
  SqliteSaver: { fromConnString: (file: string) => unknown }
  PostgresSaver: {
    fromConnString: (url: string) => { setup: () => Promise<void>; end?: () => Promise<void> }
  }
}

interface RunConfig {
  recursionLimit?: number
  streamMode?: string
  configurable?: Readonly<Record<string, unknown>>
}

/** A saver that keeps what it is given somewhere, and what that place holds. */
export interface Kept {
  saver: unknown
  storedBytes: () => Promise<number>
  close: () => Promise<void>
}

export type Door = 'graph' | 'sqlite' | 'postgres'

/** Imports what a subject's installation has behind one of its doors. */
export async function open<Module>(folder: string, door: Door): Promise<Module> {
  return (await import(doorFile(folder, door))) as Module
}

/** Re-exports a package from inside the folder it is installed in, so that no other copy can be found. */
export function doorFile(folder: string, door: Door): string {
  return pathToFileURL(join(folder, `${door}.mjs`)).href
}
