import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { ignoredFlags, nameOfFlag, refusedFlags } from './litellm-flags.ts'
import type { StartFlags } from './start/flags.ts'
import { CommandError, exitCodes } from './world.ts'
import type { World } from './world.ts'

const DEFAULT_URL = 'http://127.0.0.1:4000'
const DEFAULT_DRAIN_S = 60

/** Runs a command line to its end and gives the exit code. Each command is loaded when it is asked for. */
export async function run(world: World): Promise<number> {
  let exitCode: number = exitCodes.done
  const end = async (result: Promise<number>): Promise<void> => {
    exitCode = await result
  }
  const program = new Command('switchyard')
    .description('A gateway in front of every model provider, and its tools.')
    .version(world.version, '-v, --version')
    .configureOutput({
      writeOut: (text) => world.stdout.write(text),
      writeErr: (text) => world.stderr.write(text),
    })
    .exitOverride()
    .addHelpText('after', '\nWithout a command it starts the gateway: see `switchyard start --help`.')
  addStart(program, world, end)
  addDoctor(program, world, end)
  addChat(program, world, end)
  addConfig(program, world, end)
  try {
    await program.parseAsync([...world.words], { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said what is wrong, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode
    if (!(error instanceof CommandError)) throw error
    world.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
}

type End = (result: Promise<number>) => Promise<void>

function addStart(program: Command, world: World, end: End): void {
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
    const { start } = await import('./commands/start.ts')
    await end(start(flags, world))
  })
}

function litellmHelp(): string {
  const names = ignoredFlags.map((flag) => `--${nameOfFlag(flag)}`).join(', ')
  return `\nFlags of LiteLLM that are taken without effect: ${names}`
}

function addDoctor(program: Command, world: World, end: End): void {
  program
    .command('doctor')
    .description('check the configuration, the keys and whether each deployment can be reached')
    .option('-c, --config <file>', 'the configuration (or CONFIG_FILE_PATH)')
    .option('--data <directory>', 'what the server keeps (or SWITCHYARD_DATA; .switchyard)')
    .option('--live', 'also ask each deployment for one token, which costs money')
    .option('--json', 'the results as JSON')
    .action(async (flags: { config?: string; data?: string; live?: true; json?: true }) => {
      const { doctor } = await import('./commands/doctor.ts')
      await end(doctor(flags, world))
    })
}

function addChat(program: Command, world: World, end: End): void {
  program
    .command('chat')
    .description('talk to a model of a running gateway')
    .argument('[model]', 'its first model when left out')
    .option('--url <url>', 'the gateway', DEFAULT_URL)
    .option('--key <key>', 'its key (or SWITCHYARD_API_KEY, or what the data directory keeps)')
    .option('--data <directory>', 'where the gateway keeps its key (or SWITCHYARD_DATA; .switchyard)')
    .action(async (model: string | undefined, flags: { url: string; key?: string; data?: string }) => {
      const { chat } = await import('./commands/chat.ts')
      await end(chat(model, flags, world))
    })
}

function addConfig(program: Command, world: World, end: End): void {
  const config = program.command('config').description('look at a configuration')
  config
    .command('check')
    .description('say everything that is wrong with it')
    .argument('<file>')
    .action(async (file: string) => {
      const { checkConfig } = await import('./commands/config.ts')
      await end(checkConfig(file, world))
    })
  config
    .command('effective')
    .description('show each value and where it comes from, without secrets')
    .argument('<file>')
    .option('--json', 'as JSON')
    .action(async (file: string, { json }: { json?: true }) => {
      const { showEffectiveConfig } = await import('./commands/config.ts')
      await end(showEffectiveConfig(file, json === true, world))
    })
  config
    .command('schema')
    .description('print the JSON Schema of config.yaml, for editors')
    .action(async () => {
      const { showConfigSchema } = await import('./commands/config.ts')
      await end(Promise.resolve(showConfigSchema(world)))
    })
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.')
  return port
}

function parseNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isFinite(number) || number < 0)
    throw new InvalidArgumentError('Expected a number that is not negative.')
  return number
}

function parseHeaders(text: string): Record<string, string> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value).map(([name, content]) => [name, String(content)]))
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError('Expected a JSON object, for example {"x-team":"a"}.')
}
