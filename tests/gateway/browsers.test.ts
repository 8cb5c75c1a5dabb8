import { describe, expect, it } from 'vitest'
import { startTestGateway } from '../clients/support/gateway.ts'
import type { TestGateway } from '../clients/support/gateway.ts'
import { ask, chatBody } from './support/ask.ts'
import { watched } from './support/watched.ts'

const origin = 'https://app.example.com'

let gateway: TestGateway
watched(
  async () =>
    (gateway = await startTestGateway({
      sections: { general_settings: { cors_allowed_origins: [origin] } },
    })),
)

describe('F24 a page of a listed origin', () => {
  it.each([
    { what: 'an answer', path: '/v1/chat/completions', body: chatBody('gpt'), status: 200 },
    { what: 'a stream', path: '/v1/chat/completions', body: chatBody('gpt', { stream: true }), status: 200 },
    { what: 'a refusal', path: '/v1/chat/completions', body: chatBody('none'), status: 404 },
    {
      what: 'a missing key',
      path: '/v1/chat/completions',
      body: {},
      authorization: 'Bearer no',
      status: 401,
    },
    { what: 'the models', path: '/v1/models', method: 'GET', body: '', status: 200 },
    { what: 'no path', path: '/nowhere', body: {}, status: 404 },
  ])('reads $what', async ({ path, body, status, method, authorization }) => {
    const headers = { origin, ...(authorization === undefined ? {} : { authorization }) }
    const reply = await ask(gateway, path, body, { headers, ...(method === undefined ? {} : { method }) })
    expect(reply).toMatchObject({
      status,
      headers: {
        'access-control-allow-origin': origin,
        'access-control-expose-headers': '*',
        'x-request-id': expect.any(String),
        vary: 'origin',
      },
    })
    expect(reply.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it.each(['/v1/chat/completions', '/v1/models'])('may ask for %s, without a key', async (path) => {
    const headers = { origin, authorization: undefined, 'access-control-request-method': 'POST' }
    const reply = await ask(gateway, path, '', { method: 'OPTIONS', headers })
    expect(reply).toMatchObject({ status: 204, headers: { 'access-control-allow-methods': 'GET, POST' } })
  })
})

describe('F24 a page of any other origin', () => {
  it.each([
    { method: 'OPTIONS', status: 405 },
    { method: 'POST', status: 200 },
  ])('is told nothing that its browser would give it ($method)', async ({ method, status }) => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const reply = await ask(gateway, '/v1/chat/completions', chatBody('gpt'), { method, headers })
    expect(reply.status).toBe(status)
    expect(Object.keys(reply.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})
