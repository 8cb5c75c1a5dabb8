import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { findGoogleProject, googleServiceAccount } from './google-service-account.ts'
import { anyRequest, createFakeContext, formOf, testTokenScheme } from './token-scheme.contract.ts'
import type { World } from './token-scheme.contract.ts'

const answer = JSON.stringify({ access_token: 'google-token', expires_in: 3600, token_type: 'Bearer' })
const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
const account = {
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'key-1',
  private_key: await exportPKCS8(privateKey),
  client_email: 'robot@my-project.iam.gserviceaccount.com',
  token_uri: 'https://tokens.test/token',
}
const user = {
  type: 'authorized_user',
  client_id: 'id',
  client_secret: 'secret',
  refresh_token: 'secret-refresh',
  quota_project_id: 'quota',
}
const authorization = 'Bearer google-token'

testTokenScheme({
  create: googleServiceAccount,
  credentials: { options: { vertex_credentials: JSON.stringify(account) } },
  answer,
})

const authorize = async (
  options: Record<string, string>,
  world: World = {},
  apiKey?: string,
): Promise<{ headers: Record<string, string>; context: ReturnType<typeof createFakeContext> }> => {
  const context = createFakeContext(answer, world)
  return {
    headers: await googleServiceAccount().authorize(anyRequest, { apiKey, options }, context),
    context,
  }
}

describe('googleServiceAccount', () => {
  it.each<[string, Record<string, string>, World, string | undefined, Record<string, string>]>([
    [
      'the text of a key file',
      { vertex_credentials: JSON.stringify(account) },
      {},
      undefined,
      { authorization },
    ],
    [
      'a key whose line ends came escaped',
      {
        vertex_credentials: JSON.stringify({
          ...account,
          private_key: account.private_key.replaceAll('\n', '\\n'),
        }),
      },
      {},
      undefined,
      { authorization },
    ],
    [
      'the path of a key file',
      { vertex_credentials: '/key.json' },
      { files: { '/key.json': JSON.stringify(account) } },
      undefined,
      { authorization },
    ],
    [
      'a path in the environment',
      {},
      {
        env: { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' },
        files: { '/key.json': JSON.stringify(account) },
      },
      undefined,
      { authorization },
    ],
    [
      'the file that gcloud writes',
      {},
      {
        env: { HOME: '/var/me' },
        files: { '/var/me/.config/gcloud/application_default_credentials.json': JSON.stringify(user) },
      },
      undefined,
      { authorization, 'x-goog-user-project': 'quota' },
    ],
    [
      'an API key',
      {},
      { env: { GOOGLE_APPLICATION_CREDENTIALS: '/key.json' } },
      'k',
      { 'x-goog-api-key': 'k' },
    ],
    ['credentials before a key', { vertex_credentials: JSON.stringify(account) }, {}, 'k', { authorization }],
  ])('sends for %s', async (_, options, world, apiKey, expected) => {
    expect((await authorize(options, world, apiKey)).headers).toEqual(expected)
  })

  it("signs an assertion for the file's own token service", async () => {
    const { context } = await authorize({ vertex_credentials: JSON.stringify(account) })
    expect(context.sent[0]).toMatchObject({ method: 'POST', url: 'https://tokens.test/token' })
    const form = formOf(context.sent[0])
    expect(form['grant_type']).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const { payload, protectedHeader } = await jwtVerify(form['assertion'] ?? '', publicKey, {
      currentDate: new Date(context.clockMs),
    })
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'key-1' })
    expect(payload).toEqual({
      scope: 'https://www.googleapis.com/auth/cloud-platform',
      iss: account.client_email,
      sub: account.client_email,
      aud: 'https://tokens.test/token',
      iat: context.clockMs / 1000,
      exp: context.clockMs / 1000 + 3600,
    })
  })

  it("refreshes a user's token at Google", async () => {
    const { context } = await authorize({ vertex_credentials: JSON.stringify(user) })
    expect(context.sent[0]?.url).toBe('https://oauth2.googleapis.com/token')
    expect(formOf(context.sent[0])).toEqual({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 'secret',
      refresh_token: 'secret-refresh',
    })
  })

  it.each<[string, Record<string, string>]>([
    ['no credentials', {}],
    ['a file that is not there', { vertex_credentials: '/none' }],
    ['text that is not JSON', { vertex_credentials: '{secret' }],
    ['another kind of credentials', { vertex_credentials: '{"type":"external_account"}' }],
    ['a file without a key', { vertex_credentials: '{"type":"service_account","client_email":"a"}' }],
    ['a key that is none', { vertex_credentials: JSON.stringify({ ...account, private_key: 'secret' }) }],
  ])('says what is wrong with %s, and shows none of it', async (_, options) => {
    const error: unknown = await authorize(options).catch((failure: unknown) => failure)
    expect(error).toMatchObject({ name: 'CredentialError', retryable: false })
    expect(String(error)).not.toContain('secret')
  })

  it('knows the project of the credentials', async () => {
    const project = (options: Record<string, string>): Promise<string | undefined> =>
      findGoogleProject({ options }, createFakeContext(answer))
    expect(await project({ vertex_credentials: JSON.stringify(account) })).toBe('my-project')
    expect(await project({})).toBeUndefined()
  })
})
