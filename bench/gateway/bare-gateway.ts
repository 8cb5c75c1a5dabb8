// Switchyard without a database: no virtual keys, no limits, no ledger. What keeping accounts costs is counted from it.
// Arguments: the packed package's main file, the configuration, the port.
import type * as Server from '@switchyard/server'
import { readFile } from 'node:fs/promises'

const [main = '', path = '', port = ''] = process.argv.slice(2)
const { createServices, loadConfig, renderFindings, startGateway }: typeof Server = await import(main)

const loaded = await loadConfig({ path, readFile: (name) => readFile(name, 'utf8'), env: process.env })
if (!loaded.ok) throw new Error(renderFindings(loaded.findings))
const services = createServices({
  config: loaded.config,
  version: '0.0.0',
  env: (name) => process.env[name],
})
await startGateway(services, { host: '127.0.0.1', port: Number(port) })
process.on('SIGTERM', () => process.exit(0))
