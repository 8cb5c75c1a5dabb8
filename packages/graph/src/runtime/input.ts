import { START, TASKS } from '../constants.ts'
import type { Command } from '../control.ts'
import { gotoList, isSend, updateEntries } from '../control.ts'
import { InvalidUpdateError } from '../errors.ts'
import type { Program } from './program.ts'
import type { Write } from './task.ts'

/** Writes that new input stands for; none when there is no input. */
export function inputWrites(channels: string | readonly string[], input: unknown): Write[] {
  if (input == null) return []
  if (typeof channels === 'string') return [[channels, input]]
  if (typeof input !== 'object' || Array.isArray(input)) {
    throw new Error('Input chunk must be an object when "inputChannels" is an array')
  }
  return Object.entries(input).filter(([key]) => channels.includes(key))
}

/**
 * Writes that a command stands for when it is the input of a run.
 * @throws {InvalidUpdateError} when it is for a parent graph, or leads to a node that there is not
 */
export function commandWrites(command: Command, program: Program): Write[] {
  if (command.graph === '__parent__') throw new InvalidUpdateError('There is no parent graph.')
  const writes = gotoList(command).map((target): Write => {
    if (isSend(target)) return [TASKS, target]
    if (typeof target !== 'string') {
      throw new Error(`In Command.send, expected Send or string, got ${typeof target}`)
    }
    if (!program.nodes.has(target)) {
      throw new InvalidUpdateError(`The command leads to node "${target}", which the graph does not have.`)
    }
    return [`branch:to:${target}`, START]
  })
  return command.update === undefined || command.update === null
    ? writes
    : [...writes, ...updateEntries(command)]
}
