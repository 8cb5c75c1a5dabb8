import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAccounts, virtualKey } from './accounts.ts'
import { run } from './processes.ts'
import { models } from './scenarios.ts'

export type SubjectId = 'relay' | 'bare' | 'switchyard' | 'governed' | 'portkey' | 'litellm'

export interface Place {
  /** Folder for generated configuration and data, fresh for each start. */
  folder: string
  port: number
  upstreamUrl: string
}

export interface Command {
  command: string
  args: string[]
  environment?: Record<string, string>
}

/** One gateway under measurement: how to get it, start it and ask it. */
export interface Subject {
  id: SubjectId
  title: string
  path: string
  /** Headers every request carries; a function where they name the upstream. */
  headers(upstreamUrl: string): Record<string, string>
  /** Installs what is missing; answers why the subject cannot run here, or undefined. */
  prepare(): Promise<string | undefined>
  command(place: Place): Command
  /** Makes what the requests need, once it runs. */
  setUp?(url: string): Promise<void>
}

const root = join(import.meta.dirname, '../..')
/** Peers are heavy and no dependency of ours: they are installed here when first measured. */
const cache = join(root, 'node_modules/.cache/switchyard-bench')
const portkeyVersion = '1.15.2'
const litellmVersion = '1.106.2'
/** A distribution's Python is built with optimisation; one built from source is often half as fast. */
const systemPython = '/usr/bin/python3'
const masterKey = 'sk-bench-0123456789abcdef'
const chatPath = '/v1/chat/completions'
const switchyardFolder = join(cache, 'switchyard')
const switchyardPackage = join(switchyardFolder, 'node_modules/@switchyard/server')
/** As the bin's first line has it. */
const heapFlags = ['--max-semi-space-size=8', '--external-memory-accounted-in-global-limit']
const portkeyFolder = join(cache, `portkey-${portkeyVersion}`)
const portkeyServer = join(portkeyFolder, 'node_modules/@portkey-ai/gateway/build/start-server.js')
const litellmFolder = join(cache, `litellm-${litellmVersion}`)
const litellmBin = join(litellmFolder, 'bin/litellm')

export const subjects: Subject[] = [
  {
    id: 'relay',
    title: 'bare relay (node:http + undici)',
    path: chatPath,
    headers: () => bearer(masterKey),
    prepare: ready,
    command: ({ port, upstreamUrl }) => ({
      command: process.execPath,
      args: [join(import.meta.dirname, 'bare-relay.mjs'), String(port), upstreamUrl],
    }),
  },
  {
    id: 'bare',
    title: 'Switchyard, no accounts kept',
    path: chatPath,
    headers: () => bearer(masterKey),
    prepare: prepareSwitchyard,
    command: ({ folder, port, upstreamUrl }) => ({
      command: process.execPath,
      args: [
        ...heapFlags,
        join(import.meta.dirname, 'bare-gateway.ts'),
        join(switchyardPackage, 'dist/index.js'),
        writeModelList(folder, upstreamUrl),
        String(port),
      ],
    }),
  },
  {
    id: 'switchyard',
    title: 'Switchyard, master key',
    path: chatPath,
    headers: () => bearer(masterKey),
    prepare: prepareSwitchyard,
    command: startSwitchyard,
  },
  {
    id: 'governed',
    title: 'Switchyard, governed',
    path: chatPath,
    headers: () => bearer(virtualKey),
    prepare: prepareSwitchyard,
    command: startSwitchyard,
    setUp: (url) => createAccounts(url, masterKey),
  },
  {
    id: 'portkey',
    title: `Portkey gateway ${portkeyVersion} (npm)`,
    path: chatPath,
    headers: (upstreamUrl) => ({
      ...bearer(masterKey),
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstreamUrl}/v1`,
    }),
    prepare: preparePortkey,
    command: ({ port }) => ({
      command: process.execPath,
      args: [portkeyServer, `--port=${port}`, '--headless'],
      environment: { NODE_ENV: 'production', TRUSTED_CUSTOM_HOSTS: 'localhost,127.0.0.1' },
    }),
  },
  {
    id: 'litellm',
    title: `LiteLLM proxy ${litellmVersion} (1 worker)`,
    path: chatPath,
    headers: () => bearer(masterKey),
    prepare: prepareLitellm,
    command: ({ folder, port, upstreamUrl }) => ({
      command: litellmBin,
      args: [
        '--config',
        writeModelList(folder, upstreamUrl),
        '--port',
        String(port),
        '--host',
        '127.0.0.1',
        '--num_workers',
        '1',
        '--telemetry',
        'False',
      ],
      environment: { LITELLM_LOG: 'ERROR', LITELLM_MODE: 'PRODUCTION', LITELLM_LOCAL_MODEL_COST_MAP: 'True' },
    }),
  },
]

function bearer(key: string): Record<string, string> {
  return { authorization: `Bearer ${key}` }
}

function ready(): Promise<undefined> {
  return Promise.resolve(undefined)
}

/** As it is used: it keeps its database and its journal in a folder, whoever asks. */
function startSwitchyard({ folder, port, upstreamUrl }: Place): Command {
  const bin = join(switchyardPackage, 'bin/switchyard.js')
  const config = writeModelList(folder, upstreamUrl)
  const data = join(folder, 'data')
  const options = ['--config', config, '--port', String(port), '--host', '127.0.0.1', '--data', data]
  return { command: process.execPath, args: [...heapFlags, bin, 'start', ...options] }
}

let packing: Promise<string | undefined> | undefined

/** Once for all subjects that are made of it. */
function prepareSwitchyard(): Promise<string | undefined> {
  return (packing ??= installSwitchyard())
}

/** What users install: the packed packages, compiled, made anew from this checkout in each run. */
async function installSwitchyard(): Promise<string | undefined> {
  rmSync(switchyardFolder, { recursive: true, force: true })
  mkdirSync(switchyardFolder, { recursive: true })
  const packed = await run(process.execPath, [join(root, 'scripts/pack.mjs'), switchyardFolder], {
    folder: root,
  })
  if (packed !== undefined) return packed
  writeFileSync(join(switchyardFolder, 'package.json'), JSON.stringify({ private: true }))
  const tarballs = readdirSync(switchyardFolder).filter((name) => name.endsWith('.tgz'))
  const npm = ['install', '--no-audit', '--no-fund', ...tarballs.map((name) => `./${name}`)]
  return run('npm', npm, { folder: switchyardFolder })
}

async function preparePortkey(): Promise<string | undefined> {
  if (existsSync(portkeyServer)) return undefined
  mkdirSync(portkeyFolder, { recursive: true })
  // With the adapter's newest 1.x every stream of this version fails ("TypeError: immutable").
  const manifest = { private: true, overrides: { '@hono/node-server': '1.14.0' } }
  writeFileSync(join(portkeyFolder, 'package.json'), JSON.stringify(manifest))
  const npm = ['install', '--no-audit', '--no-fund', `@portkey-ai/gateway@${portkeyVersion}`]
  return run('npm', npm, { folder: portkeyFolder })
}

async function prepareLitellm(): Promise<string | undefined> {
  if (existsSync(litellmBin)) return undefined
  mkdirSync(cache, { recursive: true })
  const venv = ['-m', 'venv', litellmFolder]
  const system = await run(systemPython, venv, { folder: cache })
  const failure = system === undefined ? undefined : await run('python3', venv, { folder: cache })
  if (failure !== undefined) return failure
  const pip = join(litellmFolder, 'bin/pip')
  return run(pip, ['install', '--quiet', `litellm[proxy]==${litellmVersion}`], { folder: cache })
}

/** The same LiteLLM-format file for both gateways that read it. */
function writeModelList(folder: string, upstreamUrl: string): string {
  const file = join(folder, 'config.yaml')
  const deployments = models.map(
    (model) => `  - model_name: ${model}
    litellm_params:
      model: openai/${model}
      api_base: ${upstreamUrl}/v1
      api_key: sk-upstream
    model_info:
      input_cost_per_token: 0.00000015
      output_cost_per_token: 0.0000006
`,
  )
  const settings = `general_settings:\n  master_key: ${masterKey}\n`
  writeFileSync(file, `model_list:\n${deployments.join('')}${settings}`)
  return file
}
