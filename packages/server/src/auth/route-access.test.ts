import { expect, test } from 'vitest'
import type { Role } from './roles.ts'
import { checkRoute, commonRoutes, isRouteAllowed } from './route-access.ts'
import type { RouteSettings } from './route-access.ts'

const chat = ['/chat/completions', '/v1/chat/completions', '/engines/*model/chat/completions']
const models = ['/v1/models', '/models']
const oneModel = ['/v1/models/*', '/models/*']
const generate = ['/key/generate']
const regenerate = ['/key/regenerate', '/key/:key/regenerate']
const keyInfo = ['/key/info']
const audit = ['/audit']

test.each<[string, string[], string[], boolean]>([
  ['by its path', ['/v1/chat/completions'], chat, true],
  ['by another of its paths', ['/chat/completions'], chat, true],
  ['by a path with a name in it', ['/engines/{model}/chat/completions'], chat, true],
  ['one of several', ['/x', '/key/generate'], generate, true],
  ['not another', ['/v1/chat/completions'], generate, false],
  ['not by the beginning of a name', ['/key/gen'], generate, false],
  ['by the path above it', ['/key'], generate, true],
  ['by a pattern', ['/v1/*'], chat, true],
  ['by a pattern within a name', ['/key/gen*'], generate, true],
  ['not by a pattern for others', ['/team/*'], generate, false],
  ['everything', ['*'], generate, true],
  ['calls to models', ['llm_api_routes'], chat, true],
  ['the list of models', ['llm_api_routes'], models, true],
  ['one model', ['llm_api_routes'], oneModel, true],
  ['no management for such a key', ['llm_api_routes'], generate, false],
  ['nor its info', ['llm_api_routes'], keyInfo, false],
  ['management', ['management_routes'], generate, true],
  ['management with a key in the path', ['management_routes'], regenerate, true],
  ['no models for such a key', ['management_routes'], chat, false],
  ['reading', ['info_routes'], keyInfo, true],
  ['no writing for such a key', ['info_routes'], generate, false],
  ['groups beside paths', ['info_routes', '/key/generate'], generate, true],
  ['an unknown group', ['all_routes'], chat, false],
  ['a word of the language', ['constructor'], chat, false],
  ['nothing', [], chat, false],
  ['an empty text', [''], chat, false],
  ['a route that no group knows', ['management_routes', 'llm_api_routes'], audit, false],
])('%s', (_name, allowed, paths, expected) => {
  expect(isRouteAllowed(allowed, { paths })).toBe(expected)
  expect(isRouteAllowed(allowed, { paths })).toBe(expected)
})

test.each<[string[] | undefined, string[], string[]]>([
  [undefined, ['/a'], ['/a']],
  [['/a', '/b'], ['/b', '/c'], ['/b']],
  [['llm_api_routes'], ['/v1/chat/completions', '/key/generate'], ['/v1/chat/completions']],
  [['/v1/messages'], ['llm_api_routes'], ['/v1/messages']],
  [['*'], ['info_routes'], ['info_routes']],
  [['/v1/*'], ['/v1/chat*', '/*'], ['/v1/chat*', '/v1/*']],
  [['/key/info'], ['management_routes', 'info_routes'], ['/key/info']],
  [['/a'], ['/b'], []],
  [['/a'], [], []],
  [[''], [''], []],
])('what %j and %j allow both', (one, other, expected) => {
  expect(commonRoutes(one, other)).toEqual(expected)
})

test.each<[string, Role, string[] | undefined, RouteSettings, string | undefined]>([
  ['everything', 'key', undefined, {}, undefined],
  ['what the key may', 'key', ['info_routes'], {}, undefined],
  [
    'not what the key may not',
    'key',
    ['llm_api_routes'],
    {},
    'Virtual key is not allowed to call this route.',
  ],
  ['what the gateway allows', 'key', undefined, { allowedRoutes: ['/key/info'] }, undefined],
  [
    'nothing else, the administrator neither',
    'proxy_admin',
    undefined,
    { allowedRoutes: ['/audit'] },
    'Route /key/info is not allowed.',
  ],
  [
    'the administrator what only they may',
    'proxy_admin',
    undefined,
    { adminOnlyRoutes: ['/key/*'] },
    undefined,
  ],
  [
    'nobody else that',
    'internal_user',
    undefined,
    { adminOnlyRoutes: ['/key/*'] },
    'Route=/key/info is an admin only route.',
  ],
])('%s', (_name, role, allowedRoutes, settings, expected) => {
  const act = () => checkRoute({ role, allowedRoutes }, { paths: keyInfo }, settings)
  if (expected === undefined) expect(act).not.toThrow()
  else expect(act).toThrow(expected)
})
