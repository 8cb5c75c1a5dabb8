export interface DrawableNode {
  /** Labels from the outermost graph inwards, joined by `:`. */
  readonly id: string
  readonly name: string
  /** What does the work; for those who look for it, never drawn. */
  readonly data?: unknown
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

export interface DrawableEdge {
  readonly source: string
  readonly target: string
  /** What the condition answers when it leads this way. */
  readonly data?: string | undefined
  /** Whether it is taken only at times. */
  readonly conditional?: boolean | undefined
}

/** What is drawn. */
export interface Drawing {
  readonly nodes: Readonly<Record<string, DrawableNode>>
  readonly edges: readonly DrawableEdge[]
}

/** Where it begins: the one node that no edge leads to. */
export function firstNode({ nodes, edges }: Drawing): DrawableNode | undefined {
  const targets = new Set(edges.map(({ target }) => target))
  return onlyOne(Object.values(nodes).filter(({ id }) => !targets.has(id)))
}

/** Where it ends: the one node that no edge leaves. */
export function lastNode({ nodes, edges }: Drawing): DrawableNode | undefined {
  const sources = new Set(edges.map(({ source }) => source))
  return onlyOne(Object.values(nodes).filter(({ id }) => !sources.has(id)))
}

function onlyOne<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined
}
