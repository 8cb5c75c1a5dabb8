import { expect, it } from 'vitest'
import { refusalOf } from './refusal.ts'

it.each<[name: string, status: number, body: string, said: string]>([
  [
    "OpenAI's shape",
    400,
    '{"error":{"message":"Key alias taken.","type":"bad_request_error","code":"400"}}',
    '400: Key alias taken.',
  ],
  ['a plain detail', 404, '{"detail":"Team not found"}', '404: Team not found'],
  ['a detail with an error', 400, '{"detail":{"error":"No such budget"}}', '400: No such budget'],
  [
    'fields that were refused',
    422,
    '{"detail":[{"loc":["body","max_budget"],"msg":"Expected a number"},{"loc":["body","models",0],"msg":"Bad"}]}',
    '422: max_budget: Expected a number; models.0: Bad',
  ],
  [
    'a key that is unknown',
    401,
    '{"error":{"message":"No such key"}}',
    '401: No such key. Pass the key with --key or SWITCHYARD_API_KEY.',
  ],
  [
    'a key that may not',
    403,
    '{"error":{"message":"Admins only."}}',
    '403: Admins only. Use a key that may do this: the admin key, or one whose role allows it.',
  ],
  ['a page of somebody else', 502, '<html>Bad Gateway</html>', '502: <html>Bad Gateway</html>'],
  ['nothing', 500, '', "500: the gateway says no more. The gateway's log says more."],
  ['letters that would steer the terminal', 400, '{"detail":"a\\u001b[2Jb"}', '400: a�[2Jb'],
])('%s', (_, status, body, said) => {
  expect(refusalOf(status, body)).toBe(said)
})
