export { createHandoffTool, handoffDestinations as getHandoffDestinations } from './agents/handoff.ts'
export { addActiveAgentRouter, createSwarm, SwarmState } from './agents/swarm.ts'
export type { CreateSwarmParams } from './agents/swarm.ts'
