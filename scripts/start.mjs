// `npm start`: installs when needed, then runs the gateway from source on the pinned Node.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureInstalled, pinnedNode, root } from './ensure-installed.mjs'

ensureInstalled()

const switchyard = join(root, 'packages', 'server', 'bin', 'switchyard.js')
// As the bin's first line has it: a smaller young generation keeps a third less memory resident.
const child = spawn(pinnedNode, ['--max-semi-space-size=8', switchyard, 'start', ...process.argv.slice(2)], {
  stdio: 'inherit',
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // Ctrl-C in a terminal reaches the whole process group, so the child already has it.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
  })
}
child.on('error', (error) => {
  process.stderr.write(`Cannot start ${pinnedNode}: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
})
