import type { Command } from 'commander'

const DEFAULT_URL = 'http://127.0.0.1:4000'

/** What every command takes that asks a running gateway. */
export function addGatewayFlags(command: Command): Command {
  return command
    .option('--url <url>', 'the gateway', DEFAULT_URL)
    .option('--key <key>', 'its key (or SWITCHYARD_API_KEY, or what the data directory keeps)')
    .option('--data <directory>', 'where the gateway keeps its key (or SWITCHYARD_DATA; .switchyard)')
}
