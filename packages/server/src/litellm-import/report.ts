/** What an import did, or with a dry run would do. */
export interface ImportReport {
  readonly kinds: readonly KindReport[]
  /** LiteLLM's tables that hold something and are not taken over. */
  readonly leftTables: readonly { readonly table: string; readonly rows: number; readonly why: string }[]
  readonly notes: readonly Note[]
}

export interface KindReport {
  readonly what: string
  readonly from: string
  /** In LiteLLM's table. */
  found: number
  created: number
  updated: number
  /** Here already, and left as they are. */
  kept: number
  leftOut: number
  /** Spend so far that was taken over. */
  spentPicoUsd: bigint
}

/** Something to know about some rows: the same thing is said once. */
export interface Note {
  readonly what: string
  readonly message: string
  count: number
  /** The first ones. */
  readonly ids: string[]
}

const IDS_SHOWN = 3

/** Collects what there is to say. */
export class Notes {
  readonly #notes = new Map<string, Note>()

  add(what: string, id: string, message: string): void {
    const name = `${what}\n${message}`
    const note = this.#notes.get(name) ?? { what, message, count: 0, ids: [] }
    note.count += 1
    if (note.ids.length < IDS_SHOWN) note.ids.push(id)
    this.#notes.set(name, note)
  }

  all(): Note[] {
    return [...this.#notes.values()]
  }
}
