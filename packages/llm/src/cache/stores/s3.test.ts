import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAwsSigner } from '../../auth/aws-signature.ts'
import { createUndiciTransport } from '../../http/undici-transport.ts'
import { describeCacheStore } from '../store.contract.ts'
import type { CacheStore } from '../store.ts'
import { s3 } from './s3.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-a-secret', sessionToken: 'session' }
const NOW_MS = 1_700_000_000_000
const objects = new Map<string, Buffer>()
let server: Server
let endpoint = ''

/** As much of S3 as is used. It signs each request anew and compares. */
beforeAll(async () => {
  const sign = createAwsSigner()
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      void (async () => {
        const { method = '', url = '', headers } = request
        const given = Object.fromEntries(
          Object.entries(headers).filter(([name]) => name === 'x-amz-content-sha256'),
        ) as Record<string, string>
        const expected = await sign(
          { method, url: endpoint + url, headers: given, body: undefined },
          keys,
          { service: 's3', region: 'eu-central-1' },
          timeOf(String(headers['x-amz-date'])),
        )
        if (headers.authorization !== expected['authorization'])
          return void response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>')
        const { pathname, searchParams } = new URL(endpoint + url)
        if (!pathname.startsWith('/bucket/'))
          return void response.writeHead(404).end('<Error><Code>NoSuchBucket</Code></Error>')
        const name = decodeURIComponent(pathname.slice('/bucket/'.length))
        if (searchParams.has('list-type')) return void response.end(list(searchParams))
        const object = objects.get(name)
        switch (method) {
          case 'PUT':
            objects.set(name, Buffer.concat(chunks))
            return void response.end()
          case 'DELETE':
            objects.delete(name)
            return void response.writeHead(204).end()
          default:
            if (object === undefined)
              return void response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>')
            return void response.end(object)
        }
      })()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** `20231114T221320Z` in Unix milliseconds. */
function timeOf(date: string): number {
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function list(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const found = [...objects.keys()].filter((name) => name.startsWith(prefix)).slice(0, 15)
  const escaped = found.map((name) => `<Contents><Key>${name.replaceAll('&', '&amp;')}</Key></Contents>`)
  return `<ListBucketResult>${escaped.join('')}</ListBucketResult>`
}

const transport = createUndiciTransport()

async function open(
  prefix: string,
  clock = { ms: NOW_MS },
  secret = keys.secretAccessKey,
): Promise<CacheStore> {
  return s3.open({
    bucket: 'bucket',
    region: 'eu-central-1',
    endpoint: `${endpoint}/`,
    prefix,
    keys: () => Promise.resolve({ ...keys, secretAccessKey: secret }),
    transport,
    timeoutMs: 2_000,
    nowMs: () => clock.ms,
  })
}

let places = 0
describeCacheStore('a bucket', async () => {
  const prefix = `answers & more/${places++}/`
  const clock = { ms: NOW_MS }
  const store = await open(prefix, clock)
  return {
    store,
    pass: (ms) => {
      clock.ms += ms
    },
    nowMs: () => clock.ms,
    reopen: () => open(prefix),
  }
})

it('says what S3 said when it refuses', async () => {
  const store = await open('x/', undefined, 'another-secret')
  await expect(async () => store.ping()).rejects.toThrow(
    'S3 did not list entries: status 403, SignatureDoesNotMatch',
  )
  await expect(async () => store.set('a', { value: '', storedMs: 0 })).rejects.toThrow(
    'did not keep an entry',
  )
})
