// The yardstick: the least a Node gateway can do and still be a correct HTTP proxy of model requests.
// It parses the request once, reads `model`, relays, and reads `usage` from the bytes that pass.
import { createServer } from 'node:http'
import { Pool } from 'undici'

const [port, upstream] = process.argv.slice(2)
const pool = new Pool(upstream, { connections: 128, pipelining: 1 })
const totals = { requests: 0, inputTokens: 0, outputTokens: 0, models: new Map() }

createServer((request, response) => {
  const pieces = []
  request.on('data', (piece) => pieces.push(piece))
  request.on('end', () => {
    const body = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
    let model
    try {
      model = JSON.parse(body).model
    } catch {
      response.writeHead(400).end()
      return
    }
    totals.requests++
    totals.models.set(model, (totals.models.get(model) ?? 0) + 1)
    relay(request, response, body)
  })
}).listen(Number(port), '127.0.0.1')

function relay(request, response, body) {
  const headers = { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' }
  pool.dispatch(
    { path: request.url, method: request.method, headers, body },
    {
      onRequestStart(controller) {
        response.on('close', () => {
          if (!response.writableFinished) controller.abort(new Error('the client left'))
        })
        response.on('drain', () => controller.resume())
      },
      onResponseStart(_controller, status, received) {
        const sent = { 'content-type': received['content-type'] }
        if (received['content-length']) sent['content-length'] = received['content-length']
        response.writeHead(status, sent)
      },
      onResponseData(controller, piece) {
        readUsage(piece)
        if (!response.write(piece)) controller.pause()
      },
      onResponseEnd() {
        response.end()
      },
      onResponseError() {
        if (response.headersSent) response.destroy()
        else response.writeHead(502).end()
      },
    },
  )
}

function readUsage(piece) {
  const at = piece.lastIndexOf('"usage":{')
  if (at === -1) return
  const usage = piece.toString('latin1', at, at + 120)
  totals.inputTokens += Number(/"prompt_tokens":(\d+)/.exec(usage)?.[1] ?? 0)
  totals.outputTokens += Number(/"completion_tokens":(\d+)/.exec(usage)?.[1] ?? 0)
}
