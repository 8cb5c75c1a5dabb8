import { expect, test } from 'vitest'
import { checkMedia } from './check-media.ts'
import { callOf, chatBody } from './testing/services.ts'

function outcome(url: string): string {
  const content = [
    { type: 'text', text: 'what is this?' },
    { type: 'image_url', image_url: { url } },
  ]
  try {
    checkMedia(
      callOf(
        chatBody({
          messages: [
            { role: 'user', content: 'x' },
            { role: 'user', content },
          ],
        }),
      ),
    )
    return 'fine'
  } catch (error) {
    const { status, reason, param } = error as { status?: number; reason?: string; param?: string }
    return `${status} ${reason} ${param}`
  }
}

test.each([
  'https://example.com/a.png',
  'http://example.com:8080/a.png',
  'https://8.8.8.8/a.png',
  'https://[2606:4700::1111]/a.png',
  'https://10.example.com/a.png',
  'gs://bucket/a.png',
  's3://bucket/a.png',
  'data:image/png;base64,aGk=',
])('%s may be looked at', (url) => {
  expect(outcome(url)).toBe('fine')
})

test.each([
  'http://127.0.0.1/a.png',
  'http://127.1/a.png',
  'http://2130706433/a.png',
  'http://0x7f.0.0.1/a.png',
  'http://0177.0.0.1/a.png',
  'http://0/a.png',
  'http://10.0.0.1/a.png',
  'http://172.31.255.255/a.png',
  'http://192.168.1.1/a.png',
  'http://100.64.0.1/a.png',
  'http://169.254.169.254/latest/meta-data',
  'http://224.0.0.1/a.png',
  'http://255.255.255.255/a.png',
  'http://[::1]/a.png',
  'http://[::]/a.png',
  'http://[::ffff:127.0.0.1]/a.png',
  'http://[64:ff9b::7f00:1]/a.png',
  'http://[fe80::1]/a.png',
  'http://[fd00::1]/a.png',
  'http://localhost/a.png',
  'http://LOCALHOST./a.png',
  'http://a.localhost/a.png',
  'http://db.internal/a.png',
  'http://printer.local/a.png',
  'http://intranet/a.png',
  'http://user:password@127.0.0.1/a.png',
  'file:///etc/passwd',
  'ftp://example.com/a.png',
  'http://',
])('%s is refused', (url) => {
  expect(outcome(url)).toBe('400 url_not_allowed messages[1]')
})

test('bodies without media are not read', () => {
  const call = callOf(chatBody({ messages: 'no list'.split(' ') }))
  expect(() => checkMedia(call)).not.toThrow()
})

test('texts to embed are no addresses', () => {
  const call = callOf({ model: 'e', input: 'see http://127.0.0.1', url: 'http://127.0.0.1' }, 'embeddings')
  expect(() => checkMedia(call)).not.toThrow()
})
