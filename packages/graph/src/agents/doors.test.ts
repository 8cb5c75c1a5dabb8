import { expect, it } from 'vitest'
import { createReactAgent } from '../prebuilt.ts'
import { createHandoffTool as supervisorHandoff, createSupervisor } from '../supervisor.ts'
import { createHandoffTool as swarmHandoff, createSwarm, getHandoffDestinations } from '../swarm.ts'

it('the doors that LangGraph has as packages lead to the same agents', () => {
  const llm = (): { role: 'assistant'; content: string } => ({ role: 'assistant', content: 'hi' })
  const a = createReactAgent({ llm, tools: [swarmHandoff({ agentName: 'b' })], name: 'a' })
  const b = createReactAgent({ llm, tools: [], name: 'b' })
  expect(getHandoffDestinations(a)).toEqual(['b'])
  const edges = createSwarm({ agents: [a, b], defaultActiveAgent: 'a' })
    .compile()
    .getGraph().edges
  expect(edges).toContainEqual({ source: 'a', target: 'b', conditional: true })
  expect(supervisorHandoff({ agentName: 'The Boss' }).name).toBe('transfer_to_the_boss')
  expect(
    createSupervisor({ agents: [a, b], llm })
      .compile()
      .getGraph().nodes,
  ).toHaveProperty('supervisor')
})
