import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'

export interface Cost {
  /** CPU time of the process and all its descendants; null where there is no /proc. */
  cpuMs: number | null
  rssMb: number | null
}

export interface Started {
  /** The last lines it wrote, to explain a failure. */
  output(): string
  running(): boolean
  cost(): Cost
  stop(): Promise<void>
}

/** Ticks per second of the CPU times in /proc; Linux reports them at 100 on every platform. */
const ticksPerSecond = 100

/** Whether processes can be tied to a core here. */
export const canPin: boolean = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'taskset'), constants.X_OK)
    return true
  } catch {
    return false
  }
})

/** Starts a long-running process on one core. */
export function start(
  core: number,
  command: string,
  args: string[],
  options: { folder: string; environment?: Record<string, string> | undefined },
): Started {
  const child = spawnOn(core, command, args, options)
  let output = ''
  const keep = (bytes: Buffer): void => void (output = (output + bytes.toString()).slice(-4000))
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()))
  child.once('error', (error) => (output += String(error)))
  return {
    output: () => output,
    running: () => isRunning(child),
    cost: () => costOf(child.pid),
    stop: async () => {
      signalGroup(child, 'SIGTERM')
      const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), 5_000)
      await exited
      clearTimeout(timer)
    },
  }
}

/** Runs a process on one core to its end, gives it `input` and returns what it wrote. */
export async function collect(core: number, command: string, args: string[], input: string): Promise<string> {
  const child = spawnOn(core, command, args, { folder: process.cwd() })
  child.stdin?.end(input)
  let output = ''
  let complaint = ''
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()))
  child.stderr?.on('data', (bytes: Buffer) => (complaint += bytes.toString()))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint}`)
  return output
}

/** Runs a command and answers why it failed, or undefined. */
export function run(
  command: string,
  args: string[],
  { folder }: { folder: string },
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    let complaint = ''
    child.stderr.on('data', (bytes: Buffer) => (complaint = (complaint + bytes.toString()).slice(-500)))
    child.once('error', (error) => resolve(`${command}: ${error.message}`))
    child.once('close', (code) =>
      resolve(code === 0 ? undefined : `${command} ended with ${code}: ${complaint}`),
    )
  })
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

function spawnOn(
  core: number,
  command: string,
  args: string[],
  { folder, environment }: { folder: string; environment?: Record<string, string> | undefined },
): ChildProcess {
  const pinned = canPin ? ['taskset', '-c', String(core), command, ...args] : [command, ...args]
  const [program = command, ...rest] = pinned
  const env = { ...process.env, ...environment }
  return spawn(program, rest, { cwd: folder, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null
}

/** The child leads a group of its own, so that whatever it started ends with it. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || !isRunning(child)) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    child.kill(signal)
  }
}

function costOf(pid: number | undefined): Cost {
  if (process.platform !== 'linux' || pid === undefined) return { cpuMs: null, rssMb: null }
  const parents = new Map<number, number>()
  const stats = new Map<number, string[]>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (!fields) continue
    stats.set(Number(name), fields)
    parents.set(Number(name), Number(fields[1]))
  }
  let ticks = 0
  let rssKb = 0
  for (const [member, fields] of stats) {
    if (!descends(member, pid, parents)) continue
    // utime, stime, and those of children that have ended: fields 14 to 17 of proc(5).
    ticks += fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
    rssKb += residentKb(member)
  }
  return { cpuMs: (ticks * 1000) / ticksPerSecond, rssMb: rssKb / 1024 }
}

/** The fields after the command name, which may itself hold spaces and brackets. */
function readStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function residentKb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
  } catch {
    return 0
  }
}

function descends(pid: number, ancestor: number, parents: Map<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
    if (at === ancestor) return true
  }
  return false
}
