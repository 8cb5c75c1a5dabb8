export {
  createHandoffBackMessages,
  createSupervisorHandoffTool as createHandoffTool,
} from './agents/handoff.ts'
export { createSupervisor } from './agents/supervisor.ts'
export type { CreateSupervisorParams, OutputMode } from './agents/supervisor.ts'
