import { createInterface } from 'node:readline'
import { listModels, streamChat } from '../chat/client.ts'
import type { ChatMessage, Turn } from '../chat/client.ts'
import { findGateway } from '../gateway/address.ts'
import type { GatewayAddress, GatewayFlags } from '../gateway/address.ts'
import { CommandError, exitCodes, messageOf } from '../world.ts'
import type { World } from '../world.ts'

const HELP = '/model <name> changes the model, /clear forgets the conversation, /exit ends.\n'

/** Talks to a model: one question a line, from a terminal or a pipe. Ends with 1 when a question of a pipe failed. */
export async function chat(model: string | undefined, flags: GatewayFlags, world: World): Promise<number> {
  const { stdin, stdout, stderr } = world
  const isTerminal = stdin.isTTY === true && stdout.isTTY === true
  const gateway = await findGateway(flags, world)
  const talk: Conversation = { gateway, model: model ?? (await firstModel(gateway)), messages: [] }
  if (isTerminal) stdout.write(`${talk.model} at ${flags.url}. ${HELP}`)

  const lines = createInterface({ input: stdin, ...(isTerminal ? { output: stdout, prompt: '> ' } : {}) })
  let running: AbortController | undefined
  lines.on('SIGINT', () => (running === undefined ? lines.close() : running.abort()))
  if (isTerminal) lines.prompt()
  let failed = false
  for await (const line of lines) {
    const words = line.trim()
    if (words === '/exit' || words === '/quit') break
    if (words.startsWith('/')) stderr.write(obey(words, talk))
    else if (words !== '') {
      running = new AbortController()
      const done = await ask(line, talk, running.signal, world)
      failed ||= !done
      running = undefined
    }
    if (isTerminal) lines.prompt()
  }
  lines.close()
  return failed && !isTerminal ? exitCodes.failed : exitCodes.done
}

interface Conversation {
  gateway: GatewayAddress
  model: string
  messages: ChatMessage[]
}

/** Asks one question; a question without an answer is forgotten. */
async function ask(
  question: string,
  talk: Conversation,
  signal: AbortSignal,
  world: World,
): Promise<boolean> {
  const { stdout, stderr } = world
  talk.messages.push({ role: 'user', content: question })
  try {
    const turn = await streamChat(
      talk.gateway,
      talk.model,
      talk.messages,
      (text) => stdout.write(text),
      signal,
    )
    stdout.write('\n')
    stderr.write(`${renderTurn(turn)}\n`)
    talk.messages.push({ role: 'assistant', content: turn.text })
    return true
  } catch (error) {
    talk.messages.pop()
    if (signal.aborted) stdout.write('\n')
    else stderr.write(`${messageOf(error)}\n`)
    return false
  }
}

/** `[12 tokens in, 34 out, $0.000123]` */
function renderTurn({ inputTokens, outputTokens, costUsd }: Turn): string {
  const tokens =
    inputTokens === undefined || outputTokens === undefined
      ? 'tokens unknown'
      : `${inputTokens} tokens in, ${outputTokens} out`
  return `[${tokens}, ${costUsd === undefined ? 'cost unknown' : `$${costUsd}`}]`
}

/** Does what a line with a slash says, and answers it. */
function obey(words: string, talk: Conversation): string {
  const [command, name] = words.split(/\s+/)
  if (command === '/clear') {
    talk.messages = []
    return 'The conversation is forgotten.\n'
  }
  if (command !== '/model') return HELP
  if (name !== undefined) talk.model = name
  return `The model is ${talk.model}.\n`
}

async function firstModel(gateway: GatewayAddress): Promise<string> {
  const [first] = await listModels(gateway)
  if (first === undefined)
    throw new CommandError('The gateway serves no model. Add a model_list to its configuration.')
  return first
}
