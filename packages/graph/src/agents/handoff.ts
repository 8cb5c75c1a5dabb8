import { Command } from '../control.ts'
import type { AssistantMessage, Message, ToolMessage } from '../state/message.ts'
import { tool } from '../tools/tool.ts'
import type { Tool, ToolRuntime } from '../tools/tool.ts'

/** Where a handoff tool leads, in its metadata. */
const HANDOFF_DESTINATION = '__handoff_destination'

function toolName(prefix: string, agentName: string): string {
  return `${prefix}${agentName.trim().replaceAll(/\s+/g, '_').toLowerCase()}`
}

function transferred(agentName: string, name: string, toolCallId: string): ToolMessage {
  return {
    id: crypto.randomUUID(),
    role: 'tool',
    name,
    tool_call_id: toolCallId,
    content: `Successfully transferred to ${agentName}`,
    status: 'success',
  }
}

/** A tool by which a supervisor hands the conversation, as far as it went, to one of its agents. */
export function createSupervisorHandoffTool(fields: {
  readonly agentName: string
  readonly agentDescription?: string | undefined
}): Tool<Record<string, unknown>> {
  const { agentName, agentDescription = 'Ask another agent for help.' } = fields
  const name = toolName('transfer_to_', agentName)
  const execute = (_: unknown, { state, toolCallId }: ToolRuntime): Command => {
    const { messages } = state as { messages: readonly Message[] }
    const update = { messages: [...messages, transferred(agentName, name, toolCallId)] }
    return new Command({ graph: Command.PARENT, goto: agentName, update }) as Command
  }
  return tool(execute, {
    name,
    description: agentDescription,
    metadata: { [HANDOFF_DESTINATION]: agentName },
  })
}

/** A tool by which an agent of a swarm hands the conversation to another one, who then stays the active one. */
export function createHandoffTool(fields: {
  readonly agentName: string
  readonly description?: string | undefined
}): Tool<Record<string, unknown>> {
  const { agentName, description = `Ask agent '${agentName}' for help` } = fields
  const name = toolName('transfer_to_', agentName)
  const execute = (_: unknown, { state, toolCallId }: ToolRuntime): Command => {
    // With the whole conversation of the agent: the parent replaces what it has by id, and learns of the call.
    const { messages = [] } = state as { messages?: readonly Message[] }
    const update = {
      messages: [...messages, transferred(agentName, name, toolCallId)],
      activeAgent: agentName,
    }
    return new Command({ graph: Command.PARENT, goto: agentName, update }) as Command
  }
  return tool(execute, { name, description, metadata: { [HANDOFF_DESTINATION]: agentName } })
}

/** Where the handoff tools among some tools, or of an agent made by `createReactAgent`, lead. */
export function handoffDestinations(of: unknown): string[] {
  return toolsOf(of).flatMap((one) => {
    const { metadata } = (one ?? {}) as { metadata?: Record<string, unknown> }
    const destination = metadata?.[HANDOFF_DESTINATION]
    return typeof destination === 'string' ? [destination] : []
  })
}

function toolsOf(of: unknown): readonly unknown[] {
  if (Array.isArray(of)) return of as unknown[]
  const { builder } = of as {
    builder?: { nodes?: Record<string, { runnable?: { tools?: unknown } } | undefined> }
  }
  const tools = builder?.nodes?.['tools']?.runnable?.tools
  return Array.isArray(tools) ? (tools as unknown[]) : []
}

/** The pair of messages by which a supervisor learns that an agent is done. */
export function createHandoffBackMessages(
  agentName: string,
  supervisorName: string,
): [AssistantMessage, ToolMessage] {
  const name = toolName('transfer_back_to_', supervisorName)
  const callId = crypto.randomUUID()
  return [
    {
      id: crypto.randomUUID(),
      role: 'assistant',
      name: agentName,
      content: `Transferring back to ${supervisorName}`,
      tool_calls: [{ id: callId, type: 'function', function: { name, arguments: '{}' } }],
    },
    {
      id: crypto.randomUUID(),
      role: 'tool',
      name,
      tool_call_id: callId,
      content: `Successfully transferred back to ${supervisorName}`,
      status: 'success',
    },
  ]
}
