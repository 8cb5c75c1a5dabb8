import { describe, expect, test } from 'vitest'
import { createRouter } from './routes.ts'

const router = createRouter(
  [
    ['POST', '/chat/completions'],
    ['POST', '/v1/chat/completions'],
    ['GET', '/v1/models'],
    ['GET', '/v1/models/:model'],
    ['GET', '/v1/models/*model'],
    ['POST', '/v1/files'],
    ['GET', '/v1/files'],
    ['POST', '/openai/deployments/:model/chat/completions'],
    ['POST', '/engines/*model/embeddings'],
    ['DELETE', '/v1/files/:file'],
    ['GET', '/v1/files/:file/content'],
    ['POST', '/v1/files/upload'],
    ['POST', '/pass/*'],
    ['GET', '/'],
  ].map(([method = '', path = '']) => ({ methods: [method], path, route: path })),
)

test.each([
  ['POST', '/v1/chat/completions', '/v1/chat/completions', {}],
  ['POST', '/v1/chat/completions?api-version=1#x', '/v1/chat/completions', {}],
  ['POST', '/v1/chat/completions/', '/v1/chat/completions', {}],
  ['POST', '/chat/completions/?a=/..', '/chat/completions', {}],
  ['GET', '/', '/', {}],
  ['GET', '/?x', '/', {}],
  ['HEAD', '/v1/models', '/v1/models', {}],
  ['GET', '/v1/models/gpt-4o', '/v1/models/:model', { model: 'gpt-4o' }],
  ['GET', '/v1/models/a%2Fb', '/v1/models/:model', { model: 'a/b' }],
  ['GET', '/v1/models/a/b/', '/v1/models/*model', { model: 'a/b' }],
  ['GET', '/v1/models/__proto__', '/v1/models/:model', { model: '__proto__' }],
  [
    'POST',
    '/openai/deployments/x.y/chat/completions',
    '/openai/deployments/:model/chat/completions',
    { model: 'x.y' },
  ],
  ['POST', '/engines/org/m/embeddings', '/engines/*model/embeddings', { model: 'org/m' }],
  ['DELETE', '/v1/files/upload', '/v1/files/:file', { file: 'upload' }],
  ['GET', '/v1/files/f1/content', '/v1/files/:file/content', { file: 'f1' }],
  ['POST', '/pass/a/b%20c', '/pass/*', { '*': 'a/b c' }],
])('%s %s is %s', (method, url, route, params) => {
  expect(router.match(method, url)).toEqual({ route, params })
})

test.each([
  '//v1/chat/completions',
  '/v1//chat/completions',
  '/v1/chat/completions//',
  '/V1/chat/completions',
  '/v1/./chat/completions',
  '/v1/x/../chat/completions',
  '/%2e%2e/v1/chat/completions',
  '/v1/ch%61t/completions',
  '/v1/chat%2Fcompletions',
  '/v1/chat/completions;x',
  'http://host/v1/chat/completions',
  '*',
  '',
  '/v1',
  '/engines/embeddings',
  '/pass',
  '/pass/',
  '/pass/a/../b',
  '/pass/a/%2e%2e/b',
  '/pass/a/%2E./b',
  '/pass/a%2F..%2Fb',
  '/pass/a//b',
  '/pass/a%5c..%5cb',
  '/pass/a%00',
  '/pass/%ff',
  '/pass/%',
  '/v1/models/..',
  '/v1/models/%2e',
])('%s is nowhere', (url) => {
  expect(router.match('POST', url)).toBeUndefined()
  expect(router.match('GET', url)).toBeUndefined()
})

test.each([
  ['GET', '/v1/chat/completions', ['POST']],
  ['OPTIONS', '/v1/chat/completions/', ['POST']],
  ['HEAD', '/chat/completions', ['POST']],
  ['PUT', '/v1/files', ['POST', 'GET', 'HEAD']],
  ['get', '/v1/models', ['GET', 'HEAD']],
  ['POST', '/v1/models/x', ['GET', 'HEAD']],
  ['GET', '/v1/files/f1', ['DELETE']],
  ['GET', '/v1/files/upload', ['POST', 'DELETE']],
])('%s %s is not allowed', (method, url, notAllowed) => {
  expect(router.match(method, url)).toEqual({ notAllowed })
})

describe('tables that cannot be', () => {
  test.each([
    [['/a', '/a'], 'There are two routes for GET /a.'],
    [['/a/*b/*c'], 'The route /a/*b/*c cannot be matched.'],
  ])('%s', (paths, message) => {
    expect(() => createRouter(paths.map((path) => ({ methods: ['GET'], path, route: path })))).toThrow(
      message,
    )
  })
})
