import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import type { World } from './cli/world.ts'

// Compiled code is kept between starts: it halves the time until the server answers.
enableCompileCache()

/** Signals that come closer together are one: a terminal and npm both send Ctrl-C on. */
const ONE_SIGNAL_MS = 300

let crashed = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
}
for (const event of ['unhandledRejection', 'uncaughtException'] as const)
  process.on(event, (error: unknown) => {
    crashed(error)
    process.exit(1)
  })

const world: World = {
  words: process.argv.slice(2),
  env: process.env,
  directory: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  version: versionOf(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
  nowMs: Date.now,
  onEnd: (listener) => {
    let firstMs: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (firstMs === undefined) {
          firstMs = performance.now()
          listener(signal)
        } else if (performance.now() - firstMs > ONE_SIGNAL_MS) {
          process.exit(1)
        }
      })
  },
  onReload: (listener) => {
    // A terminal that is closed says the same, and means the end.
    if (!process.stdin.isTTY && !process.stdout.isTTY) process.on('SIGHUP', listener)
  },
  onCrash: (listener) => {
    crashed = listener
  },
}

const { run } = await import('./cli/index.ts')
const exitCode = await run(world)
// What was written goes out first; idle connections to providers would keep the process alive.
process.stdout.write('', () => process.exit(exitCode))

function versionOf(manifest: string): string {
  const parsed: unknown = JSON.parse(manifest)
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : ''
}
