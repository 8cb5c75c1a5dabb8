#!/usr/bin/env -S node --max-semi-space-size=8
// A young generation of this size: larger ones, and tighter heaps, make bodies of 100 KB twice as dear.
// Plain JavaScript that any Node ≥ 18 can read: the program itself needs Node 24, and this file arranges it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'

// Half of these may look up host names at once, where a name server that hangs holds one each; more cost memory.
process.env.UV_THREADPOOL_SIZE ??= '8'

const NEEDED_MAJOR = 24
const EXIT_WRONG_SETUP = 78

const major = Number.parseInt(process.versions.node, 10)

if (major >= NEEDED_MAJOR) {
  // Bodies lie outside the heap. Counted with it they are freed by short collections; by themselves, 64 MB of them have
  // the whole heap gone through, which makes an answer to 100 KB two to three times as dear. Older versions do not know it.
  if (major >= 26) setFlagsFromString('--external-memory-accounted-in-global-limit')
  // A checkout runs its source; an installed package has only the compiled files.
  const source = new URL('../src/main.ts', import.meta.url)
  await import(existsSync(source) ? source.href : new URL('../dist/main.js', import.meta.url).href)
} else {
  const node = nodeFromPackage()
  if (node === undefined) {
    process.stderr.write(
      `switchyard needs Node ${NEEDED_MAJOR} or newer; this is ${process.version}.\n` +
        `Install a newer Node, or add one beside it: npm install node@${NEEDED_MAJOR}\n`,
    )
    process.exitCode = EXIT_WRONG_SETUP
  } else {
    runOn(node)
  }
}

/** The Node that the npm package `node` installs, when one is reachable from here. */
function nodeFromPackage() {
  try {
    const manifest = createRequire(import.meta.url).resolve('node/package.json')
    const binary = join(dirname(manifest), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    return existsSync(binary) ? binary : undefined
  } catch {
    return undefined
  }
}

/** Runs this same file on another Node; from outside it looks like one process. */
function runOn(node) {
  const child = spawn(
    node,
    ['--max-semi-space-size=8', fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    { stdio: 'inherit' },
  )
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // Ctrl-C in a terminal reaches the whole process group, so the child already has it.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('error', (error) => {
    process.stderr.write(`switchyard could not start ${node}: ${error.message}\n`)
    process.exitCode = EXIT_WRONG_SETUP
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
