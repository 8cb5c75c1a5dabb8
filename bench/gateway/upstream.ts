// A fake model provider: raw sockets and answers rendered in advance, so that it costs as little as Node allows.
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { marker } from './scenarios.ts'

const headEnd = Buffer.from('\r\n\r\n')
const whole = renderWhole()
const events = renderEvents()
const streamHead = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n',
)
const streamEnd = Buffer.from('0\r\n\r\n')
const burst = Buffer.concat([streamHead, ...events, streamEnd])

createServer({ noDelay: true }, (socket) => {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (piece: Buffer) => {
    pending = pending.length === 0 ? piece : Buffer.concat([pending, piece])
    for (let length = requestLength(pending); length !== undefined; length = requestLength(pending)) {
      answer(socket, pending.subarray(0, length))
      pending = pending.subarray(length)
    }
  })
}).listen(Number(process.argv[2]), '127.0.0.1')

/** Bytes of the first request, once it is there in full. */
function requestLength(bytes: Buffer): number | undefined {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return undefined
  const head = bytes.toString('latin1', 0, end)
  const declared = /content-length: *(\d+)/i.exec(head)?.[1]
  if (declared !== undefined) {
    const length = end + 4 + Number(declared)
    return bytes.length >= length ? length : undefined
  }
  if (!/transfer-encoding: *chunked/i.test(head)) return end + 4
  const last = bytes.indexOf('\r\n0\r\n\r\n', end)
  return last === -1 ? undefined : last + 7
}

function answer(socket: Socket, request: Buffer): void {
  if (request.includes('bench-stream')) socket.write(burst)
  else if (request.includes('bench-spaced')) spaced(socket)
  else socket.write(whole)
}

function spaced(socket: Socket): void {
  socket.write(streamHead)
  let at = 0
  const timer = setInterval(() => {
    const end = Math.min(at + 5, events.length)
    const last = end === events.length
    socket.write(Buffer.concat([...events.slice(at, end), ...(last ? [streamEnd] : [])]))
    at = end
    if (last || socket.destroyed) clearInterval(timer)
  }, 5)
}

function renderWhole(): Buffer {
  const content = `${'The notes describe the plan for the coming quarter. '.repeat(6)}${marker}`
  const body = JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1_767_225_600,
    model: 'bench-whole',
    system_fingerprint: 'fp_bench',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content, refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: { prompt_tokens: 350, completion_tokens: 64, total_tokens: 414 },
  })
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`
  return Buffer.from(head + body)
}

/** Fifty content events, the finish, the usage and the end, each an HTTP chunk of its own. */
function renderEvents(): Buffer[] {
  const chunk = (fields: object): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_767_225_600, model: 'bench-stream', ...fields })}\n\n`
  const delta = (delta: object, finish: string | null): string =>
    chunk({ choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null })
  const texts = Array.from({ length: 50 }, (_, at) => (at === 49 ? ` ${marker}` : ` word${at}`))
  const blocks = [
    ...texts.map((content, at) => delta(at === 0 ? { role: 'assistant', content } : { content }, null)),
    delta({}, 'stop'),
    chunk({ choices: [], usage: { prompt_tokens: 350, completion_tokens: 50, total_tokens: 400 } }),
    'data: [DONE]\n\n',
  ]
  return blocks.map((block) => Buffer.from(`${Buffer.byteLength(block).toString(16)}\r\n${block}\r\n`))
}
