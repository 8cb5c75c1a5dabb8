import { describe, expect, it } from 'vitest'
import type { Credentials } from '../types/auth.ts'
import { azureEntra } from './azure-entra.ts'
import { anyRequest, createFakeContext, formOf, testTokenScheme } from './token-scheme.contract.ts'
import type { World } from './token-scheme.contract.ts'

const answer = JSON.stringify({ token_type: 'Bearer', expires_in: '3600', access_token: 'entra-token' })
const application = { tenant_id: 'contoso', client_id: 'app', client_secret: 'secret' }

testTokenScheme({ create: azureEntra, credentials: { options: application }, answer })

describe('azureEntra', () => {
  it.each<[string, Credentials, World, Record<string, string>]>([
    ['a key', { apiKey: 'k', options: application }, {}, { 'api-key': 'k' }],
    ['a given token', { options: { azure_ad_token: 't' } }, {}, { authorization: 'Bearer t' }],
    [
      'a token of the environment',
      { options: {} },
      { env: { AZURE_AD_TOKEN: 't' } },
      { authorization: 'Bearer t' },
    ],
    ['an application', { options: application }, {}, { authorization: 'Bearer entra-token' }],
  ])('sends %s', async (_, credentials, world, headers) => {
    const context = createFakeContext(answer, world)
    expect(await azureEntra().authorize(anyRequest, credentials, context)).toEqual(headers)
  })

  it('asks for a token as an application', async () => {
    const context = createFakeContext(answer)
    await azureEntra().authorize(anyRequest, { options: application }, context)
    expect(context.sent[0]?.url).toBe('https://login.microsoftonline.com/contoso/oauth2/v2.0/token')
    expect(formOf(context.sent[0])).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 'secret',
      scope: 'https://cognitiveservices.azure.com/.default',
    })
  })

  it('takes all of it from the environment, another cloud and audience too', async () => {
    const env = {
      AZURE_TENANT_ID: 'contoso/../x',
      AZURE_CLIENT_ID: 'app',
      AZURE_CLIENT_SECRET: 'secret',
      AZURE_AUTHORITY_HOST: 'https://login.microsoftonline.us/',
      AZURE_SCOPE: 'api://mine/.default',
    }
    const context = createFakeContext(answer, { env })
    await azureEntra().authorize(anyRequest, { options: {} }, context)
    expect(context.sent[0]?.url).toBe('https://login.microsoftonline.us/contoso%2F..%2Fx/oauth2/v2.0/token')
    expect(formOf(context.sent[0])).toMatchObject({ scope: 'api://mine/.default' })
  })

  it('proves itself by a federated token where there is no secret', async () => {
    const env = { AZURE_TENANT_ID: 't', AZURE_CLIENT_ID: 'app', AZURE_FEDERATED_TOKEN_FILE: '/token' }
    const context = createFakeContext(answer, { env, files: { '/token': 'a.b.c\n' } })
    await azureEntra().authorize(anyRequest, { options: {} }, context)
    expect(formOf(context.sent[0])).toMatchObject({
      client_assertion: 'a.b.c',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
  })

  it('says what is missing', () => {
    const attempt = (): unknown =>
      azureEntra().authorize(anyRequest, { options: { tenant_id: 't' } }, createFakeContext(answer))
    expect(attempt).toThrow(/AZURE_CLIENT_SECRET/)
  })
})
