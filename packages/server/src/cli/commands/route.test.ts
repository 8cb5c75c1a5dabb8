import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run as runCommand } from '../index.ts'

const yaml = `
model_list:
  - model_name: chat
    litellm_params: { model: openai/gpt-4o, api_key: sk-1, order: 1 }
    model_info: { id: first }
  - model_name: chat
    litellm_params: { model: openai/gpt-4o-mini, api_key: sk-1, order: 2, tags: [batch] }
    model_info: { id: second }
router_settings: { enable_tag_filtering: true, fallbacks: [{ chat: [spare] }] }
`

let directory: string
let server: Server
let asked: unknown
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchyard-route-'))
  await writeFile(join(directory, 'config.yaml'), yaml)
  server = createServer((request, response) => {
    void text(request).then((body) => {
      asked = [request.method, request.url, JSON.parse(body)]
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          routing_strategy: 'least-busy',
          chosen: null,
          others: [
            { id: 'a', model_name: 'chat', model: 'openai/x', why: 'cooling_down', detail: '5 s to go' },
          ],
          fallbacks: [],
          refusal: 'Nobody is left',
        }),
      )
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
})
afterAll(async () => {
  server.close()
  await rm(directory, { recursive: true })
})

async function run(...words: string[]): Promise<[code: number, stdout: string, stderr: string]> {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const code = await runCommand({
    words: ['route', 'explain', ...words],
    env: {},
    directory,
    stdin: Readable.from([]),
    stdout,
    stderr,
    version: '1.2.3',
    nowMs: () => 0,
    onEnd: () => {},
    onCrash: () => {},
    onReload: () => {},
  })
  const [printed, said] = await Promise.all([text(stdout.end()), text(stderr.end())])
  return [code, printed, said]
}

describe('route explain', () => {
  it('reads a configuration', async () => {
    expect(await run('--model', 'chat', '--config', 'config.yaml', '--tags', 'batch')).toEqual([
      0,
      [
        'deployment  group  model               why',
        'second      chat   openai/gpt-4o-mini  chosen',
        'first       chat   openai/gpt-4o       other tags',
        'strategy: simple-shuffle',
        'after a failure: spare',
        '',
      ].join('\n'),
      '',
    ])
  })

  it.each([
    [['--model', 'none', '--config', 'config.yaml'], /none/],
    [['--model', 'chat', '--config', 'config.yaml', '--body', '[]'], /--body is no JSON object/],
  ])('%j is refused in words', async (words, message) => {
    const [code, , stderr] = await run(...words)
    expect(code).toBe(1)
    expect(stderr).toMatch(message)
  })

  it('asks a gateway, and ends with 1 when nobody would be asked', async () => {
    const { port } = server.address() as AddressInfo
    const [code, stdout] = await run(
      '--model', 'chat', '--prompt', 'Hi', '--url', `http://127.0.0.1:${port}`, '--key', 'sk-1',
    ) // prettier-ignore
    expect(code).toBe(1)
    expect(asked).toEqual([
      'POST',
      '/utils/route',
      { model: 'chat', messages: [{ role: 'user', content: 'Hi' }] },
    ])
    expect(stdout).toBe(
      [
        'deployment  group  model     why',
        'a           chat   openai/x  cooling down  5 s to go',
        'strategy: least-busy',
        'refused: Nobody is left',
        '',
      ].join('\n'),
    )
  })
})
