import type { GatewayFlags } from '../gateway/address.ts'
import type { Family } from './family.ts'
import { addGatewayFlags } from './gateway-flags.ts'

export const addChat: Family = (program, world, end) => {
  const command = program
    .command('chat')
    .description('talk to a model of a running gateway')
    .argument('[model]', 'its first model when left out')
  addGatewayFlags(command).action(async (model: string | undefined, flags: GatewayFlags) => {
    const { chat } = await import('../commands/chat.ts')
    await end(chat(model, flags, world))
  })
}
