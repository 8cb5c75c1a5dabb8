import { Option } from 'commander'
import { ignoredFlags, nameOfFlag, refusedFlags } from '../litellm-flags.ts'
import type { StartFlags } from '../start/flags.ts'
import { CommandError } from '../world.ts'
import type { Family } from './family.ts'
import { parseNumber, parseObject, parsePort } from './values.ts'

const DEFAULT_DRAIN_S = 60

export const addStart: Family = (program, world, end) => {
  const command = program
    .command('start', { isDefault: true })
    .description('start the gateway (the default command)')
    .option('-c, --config <file>', "LiteLLM's config.yaml (or CONFIG_FILE_PATH)")
    .option('--port <port>', '4000 when left out; 0 takes a free one (or PORT)', parsePort)
    .option(
      '--host <address>',
      'this machine only, unless a master key is set: then all addresses (or SWITCHYARD_HOST)',
    )
    .option('--data <directory>', 'what the server keeps (or SWITCHYARD_DATA; .switchyard)')
    .option('-m, --model <model>', 'serve one model without a configuration, for example openai/gpt-5.4-mini')
    .option('--alias <name>', 'with --model: the name that clients see')
    .option('--api_base <url>', "with --model: the provider's address")
    .option('--api_version <version>', "with --model: the API's version")
    .option('--headers <json>', 'with --model: headers to send, as a JSON object', parseHeaders)
    .option('--temperature <number>', 'with --model: used where a request gives none', parseNumber)
    .option('--max_tokens <count>', 'with --model: used where a request gives none', parseNumber)
    .option('--request_timeout <seconds>', 'with --model', parseNumber)
    .option('--drop_params', 'with --model: leave out settings that the model does not take')
    .option('--debug', 'log more (or LOG_LEVEL=debug)')
    .option('--detailed_debug', 'the same')
    .option('--drain <seconds>', 'how long running answers may take at the end', parseNumber, DEFAULT_DRAIN_S)
    .addHelpText('after', litellmHelp())
  for (const { flag } of [...ignoredFlags, ...refusedFlags]) command.addOption(new Option(flag).hideHelp())
  command.action(async (flags: StartFlags & Record<string, unknown>) => {
    for (const flag of refusedFlags)
      if (flags[nameOfFlag(flag)] !== undefined)
        throw new CommandError(`--${nameOfFlag(flag)} is not here: ${flag.note}.`)
    for (const flag of ignoredFlags)
      if (flags[nameOfFlag(flag)] !== undefined)
        world.stderr.write(`--${nameOfFlag(flag)} has no effect: ${flag.note}\n`)
    const { start } = await import('../commands/start.ts')
    await end(start(flags, world))
  })
}

function litellmHelp(): string {
  const names = ignoredFlags.map((flag) => `--${nameOfFlag(flag)}`).join(', ')
  return `\nFlags of LiteLLM that are taken without effect: ${names}`
}

function parseHeaders(text: string): Record<string, string> {
  const headers = parseObject('{"x-team":"a"}')(text)
  return Object.fromEntries(Object.entries(headers).map(([name, content]) => [name, String(content)]))
}
