import type { Command } from 'commander'
import { parseNumber } from './values.ts'

/** What a key, a team or a budget may spend and ask for. */
export function addLimitFlags(command: Command): Command {
  return command
    .option('--budget <usd>', 'the most it may spend', parseNumber)
    .option('--budget-duration <duration>', 'starts the budget anew: 24h, 30d, 1mo, monthly …')
    .option('--soft-budget <usd>', 'tell when it has spent this, and refuse nothing', parseNumber)
    .option('--rpm <count>', 'requests a minute', parseNumber)
    .option('--tpm <count>', 'tokens a minute', parseNumber)
    .option('--parallel <count>', 'requests at once', parseNumber)
}

/** `a,b` → `['a', 'b']` */
export function parseNames(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
