import type { GatewaySettings, Secret } from '../config/index.ts'

/**
 * What secrets in the database are sealed under: the first seals, all of them open. Without a key of its own LiteLLM
 * seals with the master key; what that sealed can be opened later on too.
 */
export function sealingKeys({ saltKey, masterKey }: GatewaySettings): readonly Secret[] {
  return [saltKey, masterKey].filter((key) => key !== undefined)
}
