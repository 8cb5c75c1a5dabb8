import { spawn } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { pinnedNode, root } from '../ensure-installed.mjs'

/** What is captured is shown where our own output goes, so it is coloured only where that is. */
const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: '0' }

/** What Node has compiled is kept for the next of the many programs that load the same modules. */
const compiled = { NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'switchyard-compiled') }

const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    for (const child of running) child.kill(signal)
    process.exit(1)
  })
}

/**
 * Runs a program to its end and keeps what it printed, both streams in order.
 * A program that cannot be started counts as one that failed, with the reason as its output.
 * @param {string} program
 * @param {readonly string[]} parameters
 * @param {Record<string, string>} [environment] on top of the current one
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(program, parameters, environment = {}) {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}`
  return new Promise((resolve) => {
    const child = spawn(program, parameters, {
      cwd: root,
      env: { ...compiled, ...process.env, ...colour, PATH: path, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    let output = ''
    const keep = (chunk) => {
      output += chunk
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    const end = (ok, text) => {
      running.delete(child)
      resolve({ ok, output: text })
    }
    child.on('error', (error) => end(false, `${program}: ${error.message}\n`))
    child.on('close', (code, signal) => {
      end(code === 0, signal === null ? output : `${output}${program} was ended by ${signal}\n`)
    })
  })
}

/** Runs a tool of `node_modules/.bin` on the pinned Node. */
export function runTool(name, parameters, environment) {
  return run(pinnedNode, [join(root, 'node_modules', '.bin', name), ...parameters], environment)
}
