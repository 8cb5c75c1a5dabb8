import { sql } from 'kysely'
import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeLitellm } from '../litellm-import/testing/litellm.ts'
import { migrate } from '../store/migrate.ts'
import { openAt, postgresPlace } from '../store/testing/databases.ts'
import { startProxy } from '../store/testing/proxy.ts'
import { run as runCommand } from './index.ts'

const program = fileURLToPath(new URL('../../bin/switchyard.js', import.meta.url))

let directory: string
const running = new Set<ChildProcess>()
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-cli-'))
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  running.clear()
  await rm(directory, { recursive: true, force: true })
})

interface Run {
  child: ChildProcess
  stdout: () => string
  stderr: () => string
  /** When it has ended: its exit code. */
  ended: Promise<number | null>
}

/** The real program, in a folder of its own, with no variables but these. */
function run(words: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: directory,
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += String(chunk)))
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ended = new Promise<number | null>((done) => {
    child.on('close', (code) => {
      running.delete(child)
      done(code)
    })
  })
  return { child, stdout: () => stdout, stderr: () => stderr, ended }
}

interface Started extends Run {
  lines: string[]
  url: string
}

/** Starts the gateway on a free port and waits for its banner. */
async function start(words: string[] = [], env: Record<string, string> = {}): Promise<Started> {
  const started = run(['--port', '0', ...words], env)
  const { child, stdout, stderr, ended } = started
  await new Promise<void>((done, fail) => {
    child.stdout?.on('data', () => {
      if (/^ {2}docs .*\n/m.test(stdout())) done()
    })
    void ended.then((code) => fail(new Error(`ended with ${code}: ${stderr()}`)))
  })
  const lines = stdout().split('\n')
  const url = /listens on (http:\S+?)(?:,|$)/m.exec(stdout())?.[1] ?? ''
  return { ...started, lines, url }
}

/** A command that ends by itself, run in this process: exit code, standard output, standard error. */
async function outcome(
  words: string[],
  env: Record<string, string> = {},
  input = '',
): Promise<[code: number, stdout: string, stderr: string]> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await runCommand({
    words,
    env,
    directory,
    stdin: Readable.from([input]),
    stdout,
    stderr,
    version: '1.2.3',
    nowMs: Date.now,
    onEnd: () => {},
    onReload: () => {},
    onCrash: () => {},
  })
  const [printed, said] = await Promise.all([text(stdout.end()), text(stderr.end())])
  return [code, printed, said]
}

function shell(line: string, env: Record<string, string> = {}): Promise<string> {
  return new Promise((done, fail) => {
    execFile('sh', ['-c', line], { env: { PATH: process.env['PATH'], ...env } }, (error, stdout) => {
      if (error === null) done(stdout)
      else fail(error)
    })
  })
}

/** The line of the banner that is to be pasted. */
function pasted({ lines }: Started): string {
  return (lines.find((line) => line.startsWith('  try ')) ?? '').replace('  try ', '')
}

async function writeConfig(config: object): Promise<string> {
  const path = join(directory, 'config.yaml')
  await writeFile(path, JSON.stringify(config))
  return path
}

const demo = { model_name: 'demo', litellm_params: { model: 'demo/echo' } }
const hello = "I am Switchyard's offline demo model. You said: Hello"

describe('start without a configuration', () => {
  it('shows a new key once, and a line that works when pasted, on every start', async () => {
    const first = await start()
    const path = join(directory, '.switchyard', 'admin-key')
    const key = (await readFile(path, 'utf8')).trim()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect((await stat(join(directory, '.switchyard'))).mode & 0o777).toBe(0o700)
    expect(first.stdout().split(key)).toHaveLength(2)
    expect(await shell(pasted(first))).toContain(hello)
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const second = await start()
    expect(second.stdout()).not.toContain(key)
    expect(second.lines).toContainEqual(expect.stringMatching(/^ {2}key .*\.switchyard\/admin-key$/))
    expect(await shell(pasted(second))).toContain(hello)
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
  })

  it('lets nobody in without the key', async () => {
    const { url } = await start()
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'demo', messages: [] }),
    })
    expect(response.status).toBe(401)
  })

  it('listens on this machine only', async () => {
    const { lines } = await start()
    expect(lines[0]).toMatch(/listens on http:\/\/127\.0\.0\.1:\d+$/)
  })

  it('keeps its data where it is told to', async () => {
    const data = join(directory, 'kept')
    await start([], { SWITCHYARD_DATA: data })
    expect((await stat(join(data, 'admin-key'))).isFile()).toBe(true)
  })
})

describe('start with a master key', () => {
  it.each<[where: string, config: object | undefined, env: Record<string, string>]>([
    ['a variable of ours', undefined, { SWITCHYARD_MASTER_KEY: 'sk-1' }],
    ["LiteLLM's variable", undefined, { LITELLM_MASTER_KEY: 'sk-1' }],
    [
      'a variable that the configuration names',
      { model_list: [demo], general_settings: { master_key: 'os.environ/TEAM_KEY' } },
      { TEAM_KEY: 'sk-1' },
    ],
    [
      'the configuration',
      { model_list: [demo], general_settings: { master_key: 'sk-1' } },
      { MASTER_KEY: 'sk-1' },
    ],
  ])('from %s, for all machines', async (_, config, env) => {
    const started = await start(config === undefined ? [] : ['--config', await writeConfig(config)], env)
    expect(started.lines[0]).toMatch(/, and for other machines$/)
    expect(started.stdout()).not.toContain('sk-1')
    expect(await shell(pasted(started), env)).toContain(hello)
    await expect(stat(join(directory, '.switchyard', 'admin-key'))).rejects.toThrow('ENOENT')
  })
})

describe('start with a configuration that names no master key', () => {
  it('lets everybody in, on this machine only, and says so', async () => {
    const config = await writeConfig({ model_list: [demo] })
    const started = await start([], { CONFIG_FILE_PATH: config })
    expect(started.lines).toContainEqual(
      expect.stringMatching(/whoever reaches the server is its administrator/),
    )
    expect(started.lines).toContain(`  config  ${config}`)
    expect(await shell(pasted(started))).toContain(hello)
  })

  it('does not open an address that others reach', async () => {
    const config = await writeConfig({ model_list: [demo] })
    const [code, , said] = await outcome(['-c', config, '--port', '0', '--host', '0.0.0.0'])
    expect([code, said]).toEqual([
      78,
      expect.stringMatching(/^--host 0\.0\.0\.0: .*\n.*general_settings\.master_key/),
    ])
  })
})

describe('a start that cannot be', () => {
  it('lists every finding of a wrong configuration and ends with 78', async () => {
    const config = await writeConfig({
      model_list: [
        { model_name: 'a' },
        { model_name: 'b', litellm_params: { model: 'demo/x', api_key: 'os.environ/NOT_SET' } },
      ],
    })
    const [code, printed, said] = await outcome(['--config', config])
    expect([code, printed]).toEqual([78, ''])
    expect(said).toMatch(/model_list\[0\]\.litellm_params/)
    expect(said).toMatch(/NOT_SET/)
    expect(said).toMatch(/2 errors/)
  })

  it('says with its line each model that nobody offers, beside what else is wrong', async () => {
    const config = await writeConfig({
      model_list: [
        { model_name: 'a', litellm_params: { model: 'nobody/x' } },
        { model_name: 'b', litellm_params: { model: 'a-bare-name', rpm: 'many' } },
        { model_name: 'c', litellm_params: { model: 'demo/echo' } },
        { model_name: 'd', litellm_params: { model: 'nobody/y', mock_response: 'x' } },
        { model_name: 'e', litellm_params: { model: 'z', custom_llm_provider: 'openai' } },
        { model_name: '*', litellm_params: { model: '*' } },
      ],
    })
    const [code, , said] = await outcome(['--config', config])
    expect(code).toBe(78)
    expect(said.match(/:\d+:\d+ error model_list\[\d\]\.litellm_params\.\w+/g)).toHaveLength(3)
    expect(said).toMatch(/model_list\[0\]\.litellm_params\.model: no provider is known/)
    expect(said).toMatch(/model_list\[1\]\.litellm_params\.model: no provider is known/)
  })

  it.each<[name: string, words: string[], code: number, said: RegExp]>([
    ['a missing file', ['--config', 'nowhere.yaml'], 78, /nowhere\.yaml.*cannot be read/],
    [
      'a model that nobody offers',
      ['--model', 'nobody/x', '--port', '0'],
      78,
      /no provider is known for model/,
    ],
    ['two sources', ['--config', 'a.yaml', '--model', 'demo/echo'], 78, /exclude each other/],
    ['a flag that is not there', ['--prot', '4000'], 1, /unknown option '--prot'[^]*--port/],
    ['a port that is none', ['--port', 'x'], 1, /from 0 to 65535/],
    ['TLS', ['--ssl_certfile_path', 'a.pem'], 1, /reverse proxy/],
    ['an address of another machine', ['--host', '192.0.2.1', '--port', '0'], 1, /--host/],
  ])('%s', async (_, words, code, said) => {
    const [ended, , stderr] = await outcome(words)
    expect([ended, stderr]).toEqual([code, expect.stringMatching(said)])
  })

  it('says what to do about a port in use', async () => {
    const server = createServer()
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    const { port } = server.address() as AddressInfo
    const [code, , said] = await outcome(['--port', String(port)])
    server.close()
    expect([code, said]).toEqual([1, expect.stringMatching(/Port \d+ is in use\. .*--port/)])
  })
})

describe('the end', () => {
  /** A gateway with one answer under way, which the provider gives when it is told to. */
  async function answering(): Promise<Started & { answer: Promise<string>; release: () => void }> {
    let release = (): void => {}
    const reply = {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'at last' }, finish_reason: 'stop' }],
    }
    let onAsked = (): void => {}
    const asked = new Promise<void>((done) => {
      onAsked = done
    })
    const server = createServer((request, response) => {
      request.resume()
      release = () =>
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply))
      onAsked()
    })
    provider = server
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    const { port } = server.address() as AddressInfo
    const model = { model: 'openai/m', api_key: 'k', api_base: `http://127.0.0.1:${port}/v1` }
    const config = await writeConfig({ model_list: [{ model_name: 'slow', litellm_params: model }] })
    const started = await start(['--config', config])
    const answer = fetch(`${started.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'slow', messages: [{ role: 'user', content: 'Hello' }] }),
    }).then(
      (response) => response.text(),
      () => 'cut',
    )
    await asked
    return { ...started, answer, release: () => release() }
  }

  let provider: Server | undefined
  afterEach(() => {
    provider?.closeAllConnections()
    provider?.close()
  })

  it('waits for running answers', async () => {
    const { child, stdout, ended, answer, release } = await answering()
    const isEnding = new Promise<void>((done) => {
      child.stdout?.on('data', () => {
        if (stdout().includes('"ending: ')) done()
      })
    })
    child.kill('SIGTERM')
    await isEnding
    release()
    expect(await answer).toContain('at last')
    expect(await ended).toBe(0)
  })

  it('comes at once with a second signal', async () => {
    const { child, ended, answer } = await answering()
    const again = setInterval(() => child.kill('SIGTERM'), 50)
    expect(await ended).toBe(1)
    clearInterval(again)
    expect(await answer).toBe('cut')
  })
})

describe('SIGHUP', () => {
  const key = { master_key: 'sk-1' }
  const named = (name: string): object => ({ ...demo, model_name: name })

  /** Writes a configuration, has it read, and waits for what the log says of it. */
  async function rewrite({ child, stdout }: Started, config: object | string): Promise<string> {
    const path = join(directory, 'config.yaml')
    await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config))
    const before = stdout().length
    const said = new Promise<string>((done) => {
      child.stdout?.on('data', () => {
        const line = stdout()
          .slice(before)
          .split('\n')
          .find((one) => one.includes('in force'))
        if (line !== undefined) done(line)
      })
    })
    child.kill('SIGHUP')
    return said
  }

  async function models({ url }: Started): Promise<unknown> {
    const response = await fetch(`${url}/v1/models`, { headers: { authorization: 'Bearer sk-1' } })
    if (!response.ok) return response.status
    const { data } = (await response.json()) as { data: { id: string }[] }
    return data.map(({ id }) => id)
  }

  it('takes up what is written now, and only what is right', async () => {
    const path = await writeConfig({ model_list: [named('first')], general_settings: key })
    const started = await start(['--config', path])
    expect(await models(started)).toEqual(['first'])

    const more = { model_list: [named('first'), named('second')] }
    expect(await rewrite(started, { ...more, general_settings: key })).toContain('was read anew')
    expect(await models(started)).toEqual(['first', 'second'])

    for (const [wrong, reason] of [
      ['model_list: [', 'config.yaml:1'],
      [{ ...more, general_settings: { ...key, max_request_size_mb: -1 } }, 'max_request_size_mb'],
      [more, 'general_settings.master_key is gone'],
    ] as const) {
      const said = await rewrite(started, wrong)
      expect(said).toContain('the one before stays in force')
      expect(said).toContain(reason)
      expect(await models(started)).toEqual(['first', 'second'])
    }

    const otherKey = { master_key: 'sk-2' }
    expect(await rewrite(started, { ...more, general_settings: otherKey })).toContain('read anew')
    expect(await models(started)).toBe(401)
    started.child.kill('SIGTERM')
    expect(await started.ended).toBe(0)
  })
})

describe('start for one model', () => {
  it('answers whatever name is asked for', async () => {
    const { url } = await start(['--model', 'demo/echo', '--num_workers', '4'])
    const key = (await readFile(join(directory, '.switchyard', 'admin-key'), 'utf8')).trim()
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] }),
    })
    expect(await response.text()).toContain(hello)
  })
})

describe('chat', () => {
  it('asks a question for each line and says what it cost', async () => {
    const { url } = await start()
    const [code, printed, said] = await outcome(
      ['chat', 'demo', '--url', url],
      {},
      'Hello\n/clear\n/model demo\nBye\n',
    )
    expect([code, printed]).toEqual([0, `${hello}\n${hello.replace('Hello', 'Bye')}\n`])
    expect(said).toMatch(/^\[\d+ tokens in, 13 out, \$0(\.0+)?\]$/m)
  })

  it('ends with 1 when a question of a pipe failed', async () => {
    const { url } = await start()
    const [code, printed, said] = await outcome(['chat', 'nobody', '--url', url], {}, 'Hello\n')
    expect([code, printed, said]).toEqual([1, '', expect.stringMatching(/^404: .*'nobody'/)])
  })

  it('says where to get a gateway', async () => {
    const [code, , said] = await outcome(['chat', 'demo', '--url', 'http://127.0.0.1:1'], {}, 'Hello\n')
    expect([code, said]).toEqual([1, expect.stringMatching(/No gateway answers at .* `switchyard start`/)])
  })
})

describe('keys and what they spend', () => {
  const priced = {
    model_name: 'demo',
    litellm_params: { model: 'demo/echo', input_cost_per_token: 0.000001, output_cost_per_token: 0.0000002 },
  }

  it('makes a key that works until its budget is gone, and counts every cent', async () => {
    await writeConfig({ model_list: [priced], general_settings: { master_key: 'sk-master' } })
    const { url } = await start(['--config', 'config.yaml', '--host', '127.0.0.1'])
    const at = (...words: string[]) => outcome([...words, '--url', url], { SWITCHYARD_API_KEY: 'sk-master' })
    const [, made] = await at('keys', 'create', '--alias', 'web', '--budget', '0.00003')
    const ask = () => outcome(['chat', 'demo', '--url', url, '--key', made.trim()], {}, 'Hello\n')

    // Room for 100 tokens of an answer is held, 0.0000212 USD; 2 tokens in and 13 out are paid.
    expect(await ask()).toEqual([0, `${hello}\n`, '[2 tokens in, 13 out, $0.0000046]\n'])
    expect((await ask())[0]).toBe(0)
    const [code, , refused] = await ask()
    expect([code, refused]).toEqual([1, expect.stringMatching(/^429: .*[Bb]udget/)])

    await expect
      .poll(async () => (await at('keys', 'list'))[1], { timeout: 10_000 })
      .toMatch(/^web +sk-\.\.\..{4} +\w{12} +all +0\.0000092 +0\.00003$/m)
    const [, spent] = await at('spend', '--by', 'model', '--json')
    expect(JSON.parse(spent)).toMatchObject({ total: { cost_usd: '0.0000092' } })
  })

  it('lets keys that were taken over from LiteLLM go on', async () => {
    const { url: litellm } = await makeLitellm('litellm.sql')
    await writeConfig({
      model_list: [{ ...priced, model_name: 'gpt' }],
      general_settings: { master_key: 'sk-master' },
    })
    const words = ['import', 'litellm', '--config', 'config.yaml', '--database-url', litellm]
    expect((await outcome(words))[0]).toBe(0)
    const { url } = await start(['--config', 'config.yaml', '--host', '127.0.0.1'])
    expect((await outcome(['chat', 'gpt', '--url', url, '--key', 'sk-web'], {}, 'Hello\n'))[0]).toBe(0)
    await expect
      .poll(
        async () => (await outcome(['keys', 'list', '--url', url], { SWITCHYARD_API_KEY: 'sk-master' }))[1],
        {
          timeout: 10_000,
        },
      )
      .toMatch(/^web .* 0\.1000046 +10 per 30d /m)
  })
})

describe('start and its database', () => {
  it('ends with 78 before tables of a newer release', async () => {
    await outcome(['migrate'])
    const { kysely } = await openAt({ file: join(directory, '.switchyard', 'switchyard.db') })
    await sql`insert into schema_migrations values (99, 'later', 0)`.execute(kysely)
    const { ended, stderr } = run(['--port', '0'])
    expect(await ended).toBe(78)
    expect(stderr()).toMatch(
      /^The tables in .*switchyard\.db are of version 99; this release knows \d+\..*\n$/,
    )
  })

  it('runs without it, says so, ends with 78 when it comes back with newer tables', async () => {
    const proxy = await startProxy((await postgresPlace()).url)
    proxy.cut()
    const { url, ended, stderr } = await start([], { DATABASE_URL: proxy.url })
    const [alive, ready] = await Promise.all(
      ['/health/liveliness', '/health/readiness'].map(async (path) => await fetch(`${url}${path}`)),
    )
    expect([alive?.status, ready?.status]).toEqual([200, 503])
    expect(await ready?.json()).toMatchObject({ status: 'unhealthy', db: 'Not connected' })
    const direct = await openAt({ url: proxy.target })
    await migrate(direct)
    await sql`insert into schema_migrations values (99, 'later', 0)`.execute(direct.kysely)
    proxy.restore()
    expect(await ended).toBe(78)
    expect(stderr()).toContain('are of version 99')
    await proxy.close()
  })

  it('is ready once the database is', async () => {
    const { url } = await start()
    const ready = await fetch(`${url}/health/readiness`)
    expect([ready.status, await ready.json()]).toEqual([200, expect.objectContaining({ db: 'connected' })])
  })
})

describe('doctor', () => {
  it('finds nothing wrong without a configuration', async () => {
    const [code, printed] = await outcome(['doctor', '--json'])
    const checks = JSON.parse(printed) as { verdict: string; subject: string }[]
    expect(code).toBe(0)
    expect(checks.map(({ verdict, subject }) => `${subject}: ${verdict}`)).toEqual([
      'node: ok',
      'data: ok',
      'config: ok',
      'database: ok',
      'demo: ok',
    ])
  })

  it('ends with 1 and says what to do', async () => {
    const config = await writeConfig({
      model_list: [demo, { model_name: 'gpt', litellm_params: { model: 'openai/gpt-x' } }],
    })
    const [code, printed] = await outcome(['doctor', '-c', config])
    expect(code).toBe(1)
    expect(printed).toMatch(/^failure {2}gpt {7}openai\/gpt-x: .*\n +→ set OPENAI_API_KEY/m)
    expect(printed).toMatch(/, 1 failure\n$/)
  })
})

describe('config', () => {
  it.each<[words: string[], code: number, printed: RegExp]>([
    [['check', 'config.yaml'], 0, /config\.yaml: 1 deployment, usable/],
    [['effective', 'config.yaml'], 0, /^model_list\[0\]\.model_name = "demo" {2}# config\.yaml:1$/m],
    [['effective', 'config.yaml', '--json'], 0, /"path": "settings\.dropParams"/],
    [['schema'], 0, /"title": "Switchyard configuration"/],
    [['check', 'nowhere.yaml'], 78, /1 error/],
  ])('%o', async (words, code, printed) => {
    await writeConfig({ model_list: [demo], general_settings: { master_key: 'sk-1' } })
    const [ended, stdout] = await outcome(['config', ...words])
    expect([ended, stdout]).toEqual([code, expect.stringMatching(printed)])
    expect(stdout).not.toContain('sk-1')
  })
})

describe('the program itself', () => {
  it.each<[words: string[], code: number, stdout: RegExp, stderr: RegExp]>([
    [['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
    [['--config', 'nowhere.yaml'], 78, /^$/, /1 error/],
    [['--prot'], 1, /^$/, /unknown option/],
  ])('%o ends with %i', async (words, code, stdout, stderr) => {
    const ran = run(words)
    expect(await ran.ended).toBe(code)
    expect([ran.stdout(), ran.stderr()]).toEqual([
      expect.stringMatching(stdout),
      expect.stringMatching(stderr),
    ])
  })
})
