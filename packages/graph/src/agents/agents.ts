/** A compiled graph with a name: an agent among others. */
export interface NamedAgent {
  readonly name: string
  readonly description?: string | undefined
  invoke(input: never, options?: never): Promise<unknown>
}

/** @throws {TypeError} when an agent has no name of its own */
export function checkAgentNames(agents: readonly NamedAgent[]): string[] {
  const names = new Set<string>()
  for (const { name } of agents) {
    if (!name || name === 'LangGraph') {
      throw new TypeError(
        'Please specify a name when you create your agent, either via `createReactAgent({ ..., name: agentName })` ' +
          'or via `graph.compile({ name: agentName })`.',
      )
    }
    if (names.has(name)) {
      throw new TypeError(`Agent with name '${name}' already exists. Agent names must be unique.`)
    }
    names.add(name)
  }
  return [...names]
}
