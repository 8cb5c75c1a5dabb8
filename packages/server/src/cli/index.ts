import { Command, CommanderError } from 'commander'
import { addBudgets } from './program/budgets.ts'
import { addChat } from './program/chat.ts'
import { addConfig } from './program/config.ts'
import { addDatabase } from './program/database.ts'
import { addDoctor } from './program/doctor.ts'
import type { End, Family } from './program/family.ts'
import { addImport } from './program/import.ts'
import { addKeys } from './program/keys.ts'
import { addLedger } from './program/ledger.ts'
import { addRoute } from './program/route.ts'
import { addSpend } from './program/spend.ts'
import { addStart } from './program/start.ts'
import { addTeams } from './program/teams.ts'
import { CommandError, exitCodes } from './world.ts'
import type { World } from './world.ts'

/** Every command, below the heading that `--help` shows it under. */
const families: Readonly<Record<string, readonly Family[]>> = {
  'The gateway:': [addStart, addDoctor, addChat, addRoute, addConfig],
  'Who may spend what, at a running gateway:': [addKeys, addTeams, addBudgets, addSpend],
  'The database:': [addDatabase, addLedger, addImport],
}

/** Runs a command line to its end and gives the exit code. Each command is loaded when it is asked for. */
export async function run(world: World): Promise<number> {
  let exitCode: number = exitCodes.done
  const end: End = async (result) => {
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
  for (const [heading, members] of Object.entries(families)) {
    program.commandsGroup(heading)
    for (const add of members) add(program, world, end)
  }
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
