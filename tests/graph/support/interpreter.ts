import type { GraphPlan, NodePlan, State, Way } from './plan.ts'
import { answerTo, choose, questionOf, sentState, updateOf } from './plan.ts'

/** How an undisturbed run of a plan goes. */
export interface Story {
  /** The state after the input, and after each superstep. */
  readonly states: readonly State[]
  /** What each superstep ran, in the order in which it is applied. */
  readonly ran: readonly string[]
  readonly end: 'done' | 'conflict' | 'limit'
}

interface Task {
  readonly node: NodePlan
  readonly input: State
}

interface Barrier {
  readonly from: readonly string[]
  readonly to: string
  arrived: Set<string>
}

function fold(state: State, updates: readonly ReturnType<typeof updateOf>[]): State | undefined {
  const lasts = updates.filter(({ last }) => last !== undefined)
  if (lasts.length > 1) return undefined
  const last = lasts[0]?.last ?? state.last
  return {
    log: [...state.log, ...updates.flatMap(({ log }) => log ?? [])],
    total: updates.reduce((total, update) => total + (update.total ?? 0), state.total),
    order: updates.reduce((order, update) => order + (update.order ?? ''), state.order),
    ...(last !== undefined && { last }),
  }
}

/**
 * The semantics of graphs in their plainest form: all that is due runs on the state as it is; what it returns is applied
 * in the order of names, then of sends; then it is seen what is due next. No channels, no versions, no storage.
 */
export function interpret(plan: GraphPlan, input: Partial<State>, limit: number): Story {
  const byName = new Map(plan.nodes.map((node) => [node.name, node]))
  const barriers: Barrier[] = plan.barriers.map((barrier) => ({ ...barrier, arrived: new Set() }))
  let state = fold({ log: [], total: 0, order: '' }, [input]) as State
  const states = [state]
  const ran: string[] = []
  let due = new Set<string>()
  /** Deferred nodes, which wait until nothing else is due. */
  const waiting = new Set<string>()
  let sends: Task[] = []

  function go(ways: readonly Way[], from: State, next: { due: Set<string>; sends: Task[] }): void {
    for (const way of ways) {
      if ('send' in way) next.sends.push({ node: byName.get(way.send)!, input: sentState(way, from) })
      else if (way.to !== '__end__') next.due.add(way.to)
    }
  }

  go(plan.entry, state, { due, sends })
  for (let steps = 0; ; steps += 1) {
    settleDeferred()
    if (due.size === 0 && sends.length === 0) return { states, ran, end: 'done' }
    if (steps === limit) return { states, ran, end: 'limit' }
    const current = state
    const named = [...due].toSorted().map((name) => ({ node: byName.get(name)!, input: current }))
    const tasks: Task[] = [...named, ...sends]
    const next = { due: new Set<string>(), sends: [] as Task[] }
    const updates = tasks.map(({ node, input: seen }) => {
      const answers = Array.from({ length: node.asks }, (_, index) => answerTo(questionOf(node, seen, index)))
      const update = updateOf(node, seen, answers)
      ran.push(`${node.name} ${JSON.stringify(seen)}`)
      go(choose(node.commands, seen), seen, next)
      go(
        node.edges.map((to) => ({ to })),
        current,
        next,
      )
      // A condition sees the state with what its own node wrote, and nothing of the others.
      const fresh = fold(current, [update]) as State
      go(choose(node.choices, fresh), fresh, next)
      return update
    })
    const folded = fold(state, updates)
    if (folded === undefined) return { states, ran, end: 'conflict' }
    state = folded
    states.push(state)
    passBarriers(new Set(named.map(({ node }) => node.name)), tasks, next.due)
    due = next.due
    sends = next.sends
  }

  function passBarriers(ranByName: ReadonlySet<string>, tasks: readonly Task[], nextDue: Set<string>): void {
    for (const barrier of barriers) {
      const isFull = (): boolean => barrier.from.every((name) => barrier.arrived.has(name))
      if (isFull() && ranByName.has(barrier.to)) barrier.arrived = new Set()
      for (const { node } of tasks) if (barrier.from.includes(node.name)) barrier.arrived.add(node.name)
      if (isFull()) nextDue.add(barrier.to)
    }
  }

  function settleDeferred(): void {
    for (const name of due) {
      if (!byName.get(name)!.isDeferred) continue
      due.delete(name)
      waiting.add(name)
    }
    if (due.size > 0 || sends.length > 0) return
    for (const name of waiting) due.add(name)
    waiting.clear()
  }
}
