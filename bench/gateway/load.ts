// The load generator: raw sockets, one request in flight on each, every answer checked.
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { text } from 'node:stream/consumers'

export interface LoadPlan {
  port: number
  path: string
  headers: Record<string, string>
  body: string
  expects: string[]
  connections: number
  /** Ends after this many answers or after this time, whichever comes first. */
  requests: number
  seconds: number
  /** Requests per second at a fixed rate; absent: the next request follows each answer at once. */
  ratePerSecond?: number | undefined
}

export interface LoadResult {
  answers: number
  errors: number
  firstError: string | undefined
  seconds: number
  p50Us: number
  p99Us: number
}

interface Connection {
  socket: Socket
  pieces: Buffer[]
  length: number
  /** Bytes of the whole answer; undefined until the head is there, 0 when it ends with a last chunk. */
  expected: number | undefined
  sentAtMs: number
  busy: boolean
}

const plan: LoadPlan = JSON.parse(await text(process.stdin))
const request = renderRequest(plan)
const expects = plan.expects.map((part) => Buffer.from(part))
const lastChunk = Buffer.from('\r\n0\r\n\r\n')
const latenciesMs: number[] = []
const result = { answers: 0, errors: 0, firstError: undefined as string | undefined }
const connections: Connection[] = []
const startedAtMs = performance.now()
let sent = 0
let finished = false

setTimeout(finish, plan.seconds * 1000)
if (plan.ratePerSecond === undefined) {
  for (let count = 0; count < plan.connections; count++) send(open())
} else {
  setInterval(() => sendDue(plan.ratePerSecond ?? 0), 1)
}

function sendDue(ratePerSecond: number): void {
  const due = Math.min(plan.requests, ((performance.now() - startedAtMs) / 1000) * ratePerSecond)
  while (sent < due && !finished) send(connections.find(({ busy }) => !busy) ?? open())
}

function open(): Connection {
  const socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true })
  const connection = { socket, pieces: [], length: 0, expected: undefined, sentAtMs: 0, busy: false }
  connections.push(connection)
  socket.on('data', (piece: Buffer) => receive(connection, piece))
  socket.on('error', (error) => (result.firstError ??= String(error)))
  socket.on('close', () => replace(connection))
  return connection
}

function replace(connection: Connection): void {
  connections.splice(connections.indexOf(connection), 1)
  if (finished) return
  if (connection.busy) fail('the connection was closed before the answer was complete')
  if (plan.ratePerSecond === undefined) send(open())
}

function send(connection: Connection): void {
  if (sent >= plan.requests) return
  sent++
  connection.busy = true
  connection.sentAtMs = performance.now()
  connection.socket.write(request)
}

function receive(connection: Connection, piece: Buffer): void {
  connection.pieces.push(piece)
  connection.length += piece.length
  if (connection.expected === undefined) readHead(connection)
  if (!isComplete(connection, piece)) return
  latenciesMs.push(performance.now() - connection.sentAtMs)
  check(joined(connection))
  connection.pieces = []
  connection.length = 0
  connection.expected = undefined
  connection.busy = false
  if (plan.ratePerSecond === undefined) send(connection)
}

function readHead(connection: Connection): void {
  const bytes = joined(connection)
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return
  const declared = /content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1]
  connection.expected = declared === undefined ? 0 : end + 4 + Number(declared)
}

function isComplete({ expected, length, pieces }: Connection, piece: Buffer): boolean {
  if (expected === undefined) return false
  if (expected > 0) return length >= expected
  const tail = piece.length >= lastChunk.length ? piece : Buffer.concat(pieces.slice(-8))
  return tail.subarray(-lastChunk.length).equals(lastChunk)
}

function joined(connection: Connection): Buffer {
  if (connection.pieces.length > 1) connection.pieces = [Buffer.concat(connection.pieces)]
  return connection.pieces[0] ?? Buffer.alloc(0)
}

function check(answer: Buffer): void {
  const ok = answer.toString('latin1', 9, 12) === '200' && expects.every((part) => answer.includes(part))
  if (ok) count('answers')
  else fail(answer.toString('latin1', 0, 600))
}

function fail(reason: string): void {
  result.firstError ??= reason
  count('errors')
}

function count(outcome: 'answers' | 'errors'): void {
  result[outcome]++
  if (result.answers + result.errors >= plan.requests) finish()
}

function finish(): void {
  if (finished) return
  finished = true
  const seconds = (performance.now() - startedAtMs) / 1000
  const sorted = Float64Array.from(latenciesMs).sort()
  const percentile = (part: number): number =>
    Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? 0) * 1000)
  const report: LoadResult = { ...result, seconds, p50Us: percentile(0.5), p99Us: percentile(0.99) }
  process.stdout.write(JSON.stringify(report), () => process.exit(0))
}

function renderRequest({ path, headers, body }: LoadPlan): Buffer {
  const fields = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    ...headers,
    'content-length': Buffer.byteLength(body),
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`)
}
