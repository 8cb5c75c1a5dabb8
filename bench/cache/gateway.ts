// Switchyard without a database, from its source. Arguments: the configuration, the port.
import { readFile } from 'node:fs/promises'
import {
  createServices,
  loadConfig,
  openCache,
  renderFindings,
  startGateway,
} from '../../packages/server/src/index.ts'

const [path = '', port = ''] = process.argv.slice(2)
const loaded = await loadConfig({ path, readFile: (name) => readFile(name, 'utf8'), env: process.env })
if (!loaded.ok) throw new Error(renderFindings(loaded.findings))
const { config } = loaded
const env = (name: string): string | undefined => process.env[name]
const cache =
  config.cache === undefined
    ? undefined
    : await openCache({
        settings: config.cache,
        dataDirectory: '.',
        env,
        log: { info: () => undefined, warn: () => undefined },
        nowMs: Date.now,
        monotonicMs: () => performance.now(),
      })
const services = createServices({ config, cache, version: '0.0.0', env })
await startGateway(services, { host: '127.0.0.1', port: Number(port) })
process.on('SIGTERM', () => process.exit(0))
