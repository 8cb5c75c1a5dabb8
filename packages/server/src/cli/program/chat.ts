import type { ChatFlags } from '../commands/chat.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'

export const addChat: Family = (program, world, end) => {
  const command = program
    .command('chat')
    .description('talk to a model of a running gateway')
    .argument('[model]', 'its first model when left out')
  addGatewayFlags(command).action(async (model: string | undefined, flags: ChatFlags) => {
    const { chat } = await import('../commands/chat.ts')
    await end(chat(model, flags, world))
  })
}
