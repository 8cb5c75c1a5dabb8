import type { Command } from 'commander'
import type { World } from '../world.ts'

/**
 * Adds one family of commands to the program: what they take and what their help says. It is read at every start, so
 * the command itself is imported when it is asked for; `end` is told its exit code.
 */
export type Family = (program: Command, world: World, end: End) => void

export type End = (result: Promise<number>) => Promise<void>
