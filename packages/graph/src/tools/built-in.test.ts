import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { RequestListener, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { gzipSync } from 'node:zlib'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { calculate, calculator } from './calculator.ts'
import { guardedFetch, httpFetch } from './http-fetch.ts'
import { connectMcp } from './mcp.ts'
import { sqlQuery } from './sql-query.ts'
import { tavilySearch } from './tavily.ts'
import { createServer } from './testing/mcp-server.ts'

async function listen(handle: RequestListener): Promise<{ url: string; server: Server }> {
  const server = createHttpServer(handle).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server }
}

describe('calculator', () => {
  it.each<[string, number]>([
    ['25 * 4 + 10', 110],
    ['2 + 3 * 4', 14],
    ['(2 + 3) * 4', 20],
    ['-2 ^ 2', -4],
    ['2 ^ -1', 0.5],
    ['2 ** 3 ** 2', 512],
    ['10 % 4 / 2', 1],
    ['5!', 120],
    ['sqrt(16) + max(1, 2, 3)', 7],
    ['round(2 * PI, 2)', 6.28],
    ['1e3 + .5', 1000.5],
    ['--3', 3],
  ])('%s', (expression, value) => {
    expect(calculate(expression)).toBe(value)
  })

  it.each<[string, RegExp]>([
    ['', /a number is missing/],
    ['2 +', /a number is missing/],
    ['2 3', /one too many/],
    ['(2', /"\)" is missing/],
    ['1 / 0', /no finite value/],
    ['process.exit()', /nothing to calculate with|no constant/],
    ['constructor(1)', /no function/],
    ['__proto__', /nothing to calculate with/],
    ['171!', /cannot be calculated/],
    ['('.repeat(500), /nested too deeply/],
    ['1+'.repeat(5_000), /more than 1000 characters/],
  ])('not %s', (expression, message) => {
    expect(() => calculate(expression)).toThrow(message)
  })

  it('is a tool', async () => {
    expect(await calculator().invoke({ expression: '25 * 4 + 10' })).toBe('110')
  })
})

describe('http_fetch', () => {
  let url: string
  let server: Server
  beforeAll(async () => {
    ;({ url, server } = await listen((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: '/page' }).end()
      else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
      else if (request.url === '/away')
        response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end()
      else if (request.url === '/zip')
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('z'.repeat(50)))
      else
        response
          .writeHead(200, { 'content-type': 'text/plain' })
          .end(`hello ${request.headers['x-key'] ?? ''}`)
    }))
  })
  afterAll(() => server.close())

  it.each([
    'http://127.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://0x7f.1/',
    'http://2130706433/',
    'file:///etc/passwd',
    'http://user:pass@example.com/',
    'example.com',
  ])('does not fetch %s', async (address) => {
    await expect(guardedFetch(address)).rejects.toThrow(expect.objectContaining({ name: 'EgressError' }))
  })

  it('does not fetch a name that leads into a private network', async () => {
    const lookup = (
      _: string,
      _options: object,
      callback: (error: null, addresses: { address: string; family: number }[]) => void,
    ): void => callback(null, [{ address: '127.0.0.1', family: 4 }])
    await expect(guardedFetch('http://rebind.example/', { lookup })).rejects.toThrow(
      'leads into a private network',
    )
  })

  it('fetches where it may, follows redirects, and reads no more than it is to', async () => {
    const options = { allowPrivateNetworks: true, headers: { 'x-key': 'k' } }
    expect(await guardedFetch(`${url}/redirect`, options)).toEqual({
      url: `${url}/page`,
      status: 200,
      contentType: 'text/plain',
      body: 'hello k',
      isCut: false,
    })
    expect(await guardedFetch(`${url}/zip`, { ...options, maxBytes: 10 })).toMatchObject({
      body: 'zzzzzzzzzz',
      isCut: true,
    })
    await expect(guardedFetch(`${url}/loop`, options)).rejects.toThrow('redirects more than 5 times')
  })

  it('checks where a redirect leads', async () => {
    const { port } = new URL(url)
    const lookup = (
      _: string,
      _options: object,
      callback: (error: null, addresses: { address: string; family: number }[]) => void,
    ): void => callback(null, [{ address: '127.0.0.1', family: 4 }])
    const options = { allowHosts: ['*.example.com'], allowPrivateNetworks: true, lookup }
    await expect(guardedFetch(`http://a.example.com:${port}/away`, options)).rejects.toThrow(
      '169.254.169.254 is not among the hosts',
    )
  })

  it('is a tool that marks what it brings', async () => {
    const fetching = httpFetch({ allowPrivateNetworks: true })
    const message = await fetching.invoke({ type: 'tool_call', id: 'c', name: 'http_fetch', args: { url } })
    expect(message).toMatchObject({ content: 'HTTP 200 text/plain\n\nhello ', trust: 'untrusted' })
  })
})

describe('tavily_search', () => {
  it('asks and gives what was found', async () => {
    const asked: unknown[] = []
    const search = tavilySearch({
      apiKey: 'tvly-test',
      maxResults: 2,
      fetch: async (address, init) => {
        asked.push(address, new Headers(init?.headers).get('authorization'), JSON.parse(String(init?.body)))
        return Response.json({ results: [{ title: 'T', url: 'https://a.example', content: 'C', score: 1 }] })
      },
    })
    expect(await search.invoke({ query: 'news' })).toEqual([
      { title: 'T', url: 'https://a.example', content: 'C' },
    ])
    expect(asked).toEqual([
      'https://api.tavily.com/search',
      'Bearer tvly-test',
      { query: 'news', max_results: 2 },
    ])
  })

  it('says what Tavily refused, without the key', async () => {
    const fetching = async (): Promise<Response> =>
      Response.json({ detail: { error: 'no such key' } }, { status: 401 })
    const search = tavilySearch({ apiKey: 'tvly-secret', fetch: fetching })
    await expect(search.invoke({ query: 'news' })).rejects.toThrow('Tavily answered 401: no such key')
    expect(() => tavilySearch({ apiKey: '' })).toThrow('the apiKey is empty')
  })
})

describe('sql_query', () => {
  let folder: string
  let file: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-sql-'))
    file = join(folder, 'shop.db')
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE orders (id INTEGER, total INTEGER, raw BLOB)')
    for (let id = 1; id <= 5; id += 1)
      database.prepare('INSERT INTO orders VALUES (?, ?, ?)').run(id, id * 100, new Uint8Array(3))
    database.close()
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('reads from SQLite', async () => {
    const query = sqlQuery({ database: file, maxRows: 2 })
    expect(await query.invoke({ sql: 'SELECT sum(total) AS sum FROM orders' })).toBe('[{"sum":1500}]')
    expect(await query.invoke({ sql: 'SELECT id, raw FROM orders ORDER BY id' })).toBe(
      '[{"id":1,"raw":"[3 bytes]"},{"id":2,"raw":"[3 bytes]"}]\n[Cut: there are more than 2 rows.]',
    )
    const counted =
      'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT max(i) AS m FROM n'
    expect(await query.invoke({ sql: counted })).toBe('[{"m":3}]')
  })

  it.each([
    'DELETE FROM orders',
    'INSERT INTO orders VALUES (9, 9, NULL)',
    'DROP TABLE orders',
    'PRAGMA writable_schema = 1',
    "ATTACH DATABASE '/tmp/other.db' AS other",
    "SELECT load_extension('x')",
    'BEGIN',
    'WITH x AS (SELECT 1) DELETE FROM orders',
    'VACUUM',
  ])('does not run on SQLite: %s', async (sql) => {
    const query = sqlQuery({ database: file })
    await expect(query.invoke({ sql })).rejects.toThrow()
    expect(await query.invoke({ sql: 'SELECT count(*) AS n FROM orders' })).toBe('[{"n":5}]')
  })

  const url = process.env['SWITCHYARD_TEST_POSTGRES_URL']
  if (url === undefined)
    console.warn('not run: 1 suite, sql_query on PostgreSQL (SWITCHYARD_TEST_POSTGRES_URL is not set)')
  describe.skipIf(url === undefined)('on PostgreSQL', () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    beforeAll(async () => {
      await pool.query('CREATE TABLE IF NOT EXISTS sql_query_orders (id int)')
      await pool.query('TRUNCATE sql_query_orders')
      await pool.query('INSERT INTO sql_query_orders SELECT generate_series(1, 5)')
    })
    afterAll(async () => {
      await pool.query('DROP TABLE sql_query_orders')
      await pool.end()
    })

    it('reads', async () => {
      const query = sqlQuery({ database: pool, maxRows: 2 })
      expect(await query.invoke({ sql: 'SELECT sum(id)::int AS sum FROM sql_query_orders' })).toBe(
        '[{"sum":15}]',
      )
      expect(await query.invoke({ sql: 'SELECT id FROM sql_query_orders ORDER BY id' })).toContain(
        'more than 2 rows',
      )
    })

    it.each([
      'DELETE FROM sql_query_orders',
      'SELECT 1; DELETE FROM sql_query_orders',
      'SELECT 1; COMMIT; DELETE FROM sql_query_orders',
      'WITH gone AS (DELETE FROM sql_query_orders RETURNING id) SELECT * FROM gone',
      'COMMIT',
      'SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE',
      'SELECT pg_sleep(5)',
    ])('does not run: %s', async (sql) => {
      const query = sqlQuery({ database: pool, timeoutMs: 200 })
      await expect(query.invoke({ sql })).rejects.toThrow()
      const { rows } = await pool.query('SELECT count(*)::int AS n FROM sql_query_orders')
      expect(rows).toEqual([{ n: 5 }])
    })
  })
})

describe('MCP', () => {
  const script = join(import.meta.dirname, 'testing/mcp-server.ts')

  it('a server that is started here', async () => {
    const mcp = await connectMcp({ test: { command: process.execPath, args: [script] } })
    try {
      expect(mcp.tools.map(({ name }) => name)).toEqual(['add', 'show', 'fail'])
      const [add, show, fail] = mcp.tools
      const call = (name: string, args: object): object => ({ type: 'tool_call', id: 'c', name, args })
      expect(await add?.invoke(call('add', { a: 1, b: 2 }))).toMatchObject({
        content: '3',
        trust: 'untrusted',
      })
      expect(await show?.invoke(call('show', {}))).toMatchObject({
        content: [
          { type: 'text', text: 'a dot' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        ],
      })
      await expect(fail?.invoke({})).rejects.toThrow('out of paper')
      await expect(add?.invoke({ a: 'one' })).rejects.toThrow('a must be number, not "one"')
    } finally {
      await mcp.close()
    }
  })

  it('a server over HTTP, and two of them with their names in front', async () => {
    const keys: unknown[] = []
    const { url, server } = await listen((request, response) => {
      keys.push(request.headers['x-key'])
      const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined } as never)
      void createServer()
        .connect(transport as never)
        .then(() => transport.handleRequest(request, response))
    })
    const mcp = await connectMcp({ one: { url, headers: { 'x-key': 'k' } }, two: { url } })
    try {
      expect(mcp.tools.map(({ name }) => name)).toContain('two_add')
      expect(await mcp.tools.find(({ name }) => name === 'one_add')?.invoke({ a: 2, b: 3 })).toEqual([
        '5',
        undefined,
      ])
      expect(keys).toContain('k')
    } finally {
      await mcp.close()
      server.close()
    }
  })

  it('a server that does not start is an error, and the others are closed', async () => {
    const started = { command: process.execPath, args: [script] }
    await expect(
      connectMcp({ good: started, bad: { command: process.execPath, args: ['-e', '0'] } }),
    ).rejects.toThrow()
  })
})
