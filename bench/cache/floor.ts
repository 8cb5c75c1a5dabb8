// What node:http alone costs: reads a request, answers with the same bytes each time. Nothing a hit could go below.
import { createServer } from 'node:http'
import { marker } from '../gateway/scenarios.ts'

const whole = JSON.stringify({ choices: [{ message: { content: `${'x'.repeat(500)}${marker}` } }] })
const stream = `${`data: ${JSON.stringify({ choices: [{ delta: { content: 'The notes ' } }] })}\n\n`.repeat(50)}data: ${marker}\n\ndata: [DONE]\n\n`

createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    const isStream = Buffer.concat(pieces).includes('bench-stream')
    if (isStream) {
      response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
      response.end(stream)
      return
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
    response.end(whole)
  })
}).listen(Number(process.argv[2]), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
