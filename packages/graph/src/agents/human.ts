import { interrupt } from '../runtime/interrupt.ts'
import { toClientTool } from '../tools/accept.ts'
import type { ToolLike } from '../tools/accept.ts'
import { tool } from '../tools/tool.ts'
import type { Tool, ToolRuntime } from '../tools/tool.ts'

/** What a human may answer, in the words of agent inboxes. */
export interface HumanInterruptConfig {
  readonly allow_ignore: boolean
  readonly allow_respond: boolean
  readonly allow_edit: boolean
  readonly allow_accept: boolean
}

export interface ActionRequest {
  readonly action: string
  readonly args: Readonly<Record<string, unknown>>
}

/** A question to a human. */
export interface HumanInterrupt {
  readonly action_request: ActionRequest
  readonly config: HumanInterruptConfig
  readonly description?: string | undefined
}

/** A human's answer. */
export interface HumanResponse {
  readonly type: 'accept' | 'ignore' | 'response' | 'edit'
  readonly args: null | string | ActionRequest
}

const EVERYTHING: HumanInterruptConfig = {
  allow_ignore: true,
  allow_respond: true,
  allow_edit: true,
  allow_accept: true,
}

const ALLOWED_BY = {
  accept: 'allow_accept',
  ignore: 'allow_ignore',
  response: 'allow_respond',
  edit: 'allow_edit',
} as const

function readResponse(answer: unknown, { action_request: request, config }: HumanInterrupt): HumanResponse {
  const response = (Array.isArray(answer) ? (answer as unknown[])[0] : answer) as HumanResponse | undefined
  const permission = ALLOWED_BY[response?.type as keyof typeof ALLOWED_BY]
  if (response === undefined || permission === undefined) {
    throw new TypeError(
      `The answer to "${request.action}" has no type. Resume with { type: 'accept' | 'edit' | 'response' | 'ignore', args }.`,
    )
  }
  if (!config[permission])
    throw new TypeError(`The answer to "${request.action}" is "${response.type}", which it does not allow.`)
  if (response.type === 'edit' && typeof (response.args as ActionRequest | null)?.args !== 'object') {
    throw new TypeError(
      `The answer to "${request.action}" edits it without args. Resume with { type: 'edit', args: { action, args } }.`,
    )
  }
  return response
}

/**
 * Pauses the run with a question in the shape that agent inboxes show, and gives the answer.
 *
 * @param runtime the node's second argument; found by itself when left out
 * @example
 * const { type } = requestApproval({ action_request: { action: 'send_email', args: { to } }, config: allow })
 */
export function requestApproval(
  request: HumanInterrupt,
  runtime?: { readonly interrupt?: ((value: unknown) => unknown) | undefined },
): HumanResponse {
  const answer: unknown =
    runtime?.interrupt === undefined ? interrupt([request]) : runtime.interrupt([request])
  return readResponse(answer, request)
}

export interface ApprovalOptions extends Partial<HumanInterruptConfig> {
  readonly description?: string | ((args: Readonly<Record<string, unknown>>) => string) | undefined
  /** Only calls for which it is true are asked about. Default: all. */
  readonly when?: ((args: Readonly<Record<string, unknown>>, runtime: ToolRuntime) => boolean) | undefined
}

/**
 * A tool that a human is asked about before it does anything: approve, edit the arguments, answer in its place, or
 * refuse. The run pauses, for as long as it takes.
 *
 * @example const tools = [withApproval(sendEmail, { allow_edit: false })]
 */
export function withApproval(source: ToolLike, options: ApprovalOptions = {}): Tool<Record<string, unknown>> {
  const { description, when, ...allowed } = options
  const guarded = toClientTool(source)
  const config = { ...EVERYTHING, ...allowed }
  const execute = async (args: Record<string, unknown>, runtime: ToolRuntime): Promise<unknown> => {
    const call = runtime.toolCall
    if (when?.(args, runtime) === false) return guarded.run(call, runtime)
    const text = typeof description === 'function' ? description(args) : description
    const request: HumanInterrupt = {
      action_request: { action: guarded.name, args },
      config,
      ...(text === undefined ? {} : { description: text }),
    }
    const { type, args: answer } = requestApproval(request, runtime)
    if (type === 'accept') return guarded.run(call, runtime)
    if (type === 'edit') return guarded.run({ ...call, args: (answer as ActionRequest).args }, runtime)
    if (type === 'response') return typeof answer === 'string' ? answer : JSON.stringify(answer)
    return `The user refused this call of ${guarded.name}. It was not made; do not make it again without being asked.`
  }
  const { name, metadata, returnDirect, trust, responseFormat } = guarded
  return tool(execute, {
    name,
    description: guarded.description,
    schema: guarded.parameters,
    metadata,
    returnDirect,
    trust,
    responseFormat,
  })
}
