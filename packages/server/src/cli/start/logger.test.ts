import { Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLogger } from './logger.ts'

function logged(isTTY: boolean, fields: object, message: string): string {
  let text = ''
  const stdout: Writable & { isTTY?: boolean } = new Writable({
    write(chunk, _, done) {
      text += String(chunk)
      done()
    },
  })
  stdout.isTTY = isTTY
  createLogger({ level: 'info', stdout }).warn(fields, message)
  return text
}

describe('createLogger', () => {
  it('writes JSON lines where nobody watches', () => {
    const { time, ...line } = JSON.parse(logged(false, { port: 4_000 }, 'slow')) as Record<string, unknown>
    expect(line).toEqual({ level: 40, port: 4_000, msg: 'slow' })
    expect(time).toBeTypeOf('number')
  })

  it('writes short lines on a terminal', () => {
    expect(logged(true, { port: 4_000, name: 'a b' }, 'slow')).toMatch(
      /^\d\d:\d\d:\d\d warn {2}slow port=4000 name="a b"\n$/,
    )
  })

  it('shows the stack of an error', () => {
    expect(logged(true, { err: new Error('broken') }, 'failed')).toMatch(
      /failed err=\nError: broken\n {4}at /,
    )
  })

  it.each<[object]>([
    [{ authorization: 'Bearer sk-1' }],
    [{ headers: { authorization: 'Bearer sk-1' } }],
    [{ headers: { 'x-api-key': 'sk-1' } }],
    [{ request: { headers: { 'api-key': 'sk-1' } } }],
    [{ masterKey: 'sk-1' }],
    [{ api_key: 'sk-1' }],
  ])('never writes keys: %o', (fields) => {
    expect(logged(false, fields, 'x')).not.toContain('sk-1')
  })
})
