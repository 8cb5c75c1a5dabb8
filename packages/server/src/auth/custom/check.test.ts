import { createError } from '@switchyard/llm/kit'
import { describe, expect, test } from 'vitest'
import { createCustomCheck } from './check.ts'
import type { CustomAuth } from './custom-auth.ts'

const REQUEST = { key: 'secret', headers: {}, method: 'POST', url: '/v1/chat/completions', address: '::1' }

/** What comes of a hook, and what is logged. */
async function outcome(authenticate: CustomAuth, timeoutMs?: number): Promise<[unknown, string[]]> {
  const logged: string[] = []
  const note = (_: unknown, message: string): void => void logged.push(message)
  const check = createCustomCheck({
    authenticate,
    timeoutMs,
    log: { warn: note, error: note } as never,
  })
  try {
    return [await check(REQUEST), logged]
  } catch (error) {
    const { status, reason, message } = error as { status?: number; reason?: string; message: string }
    expect(message).not.toContain('secret')
    return [`${status} ${reason}`, logged]
  }
}

const BROKEN = 'custom_auth gave something that is no identity'
const REFUSED = 'custom_auth refused a request'

describe('what a hook says', () => {
  test.each<[string, unknown, unknown, string[]]>([
    ['a user', { user_id: 'u' }, { user_id: 'u' }, []],
    [
      'a key with less',
      { api_key: 'sk-1', models: ['m'], rpm_limit: 1 },
      { api_key: 'sk-1', models: ['m'], rpm_limit: 1 },
      [],
    ],
    ['nothing', undefined, undefined, []],
    ['null', null, undefined, []],
    ['nobody', { models: ['m'] }, '500 custom_auth_failed', [BROKEN]],
    ['a role', { user_id: 'u', user_role: 'proxy_admin' }, '500 custom_auth_failed', [BROKEN]],
    ['a budget', { user_id: 'u', max_budget: 5 }, '500 custom_auth_failed', [BROKEN]],
    ['an id that is none', { user_id: '' }, '500 custom_auth_failed', [BROKEN]],
    ['a limit that is none', { user_id: 'u', rpm_limit: -1 }, '500 custom_auth_failed', [BROKEN]],
    ['a word', 'u', '500 custom_auth_failed', [BROKEN]],
    ['yes', true, '500 custom_auth_failed', [BROKEN]],
  ])('%s', async (_name, answer, expected, logged) => {
    expect(await outcome(() => answer as never)).toEqual([expected, logged])
    expect(await outcome(() => Promise.resolve(answer as never))).toEqual([expected, logged])
  })

  test.each<[string, unknown]>([
    ['an error', new Error('secret')],
    ['an error of ours', createError({ code: 'internal', reason: 'x', message: 'secret' })],
    ['a word', 'secret'],
  ])('%s thrown', async (_name, thrown) => {
    const expected = ['401 invalid_api_key', [REFUSED]]
    expect(
      await outcome(() => {
        throw thrown
      }),
    ).toEqual(expected)
    expect(await outcome(() => Promise.reject(thrown as Error))).toEqual(expected)
  })

  test('nothing, for too long: it is told to stop', async () => {
    let stopped = false
    const hook: CustomAuth = ({ signal }) =>
      new Promise(() => signal.addEventListener('abort', () => (stopped = true)))
    expect(await outcome(hook, 1)).toEqual(['503 custom_auth_timeout', []])
    expect(stopped).toBe(true)
  })
})
