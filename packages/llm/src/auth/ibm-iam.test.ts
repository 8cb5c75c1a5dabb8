import { describe, expect, it } from 'vitest'
import type { Credentials } from '../types/auth.ts'
import { ibmIam } from './ibm-iam.ts'
import { anyRequest, createFakeContext, formOf, testTokenScheme } from './token-scheme.contract.ts'

const answer = JSON.stringify({ access_token: 'iam-token', token_type: 'Bearer', expires_in: 3600 })

testTokenScheme({ create: ibmIam, credentials: { apiKey: 'secret', options: {} }, answer })

describe('ibmIam', () => {
  it.each<[string, Credentials, Record<string, string>, string]>([
    ['a key', { apiKey: 'k', options: {} }, {}, 'Bearer iam-token'],
    ['a key of the environment', { options: {} }, { WATSONX_APIKEY: 'k' }, 'Bearer iam-token'],
    ['a token', { apiKey: 'k', options: { token: 't' } }, {}, 'Bearer t'],
    ['a token of the environment', { options: {} }, { WATSONX_TOKEN: 't' }, 'Bearer t'],
    ['a Zen key', { options: {} }, { WATSONX_ZENAPIKEY: 'z' }, 'ZenApiKey z'],
  ])('sends %s', async (_, credentials, env, authorization) => {
    const context = createFakeContext(answer, { env })
    expect(await ibmIam().authorize(anyRequest, credentials, context)).toEqual({ authorization })
  })

  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['https://iam.cloud.ibm.com/identity/token', {}, {}],
    ['https://iam.test/a', { iam_url: 'https://iam.test/a' }, { WATSONX_IAM_URL: 'https://iam.test/b' }],
    ['https://iam.test/b', {}, { WATSONX_IAM_URL: 'https://iam.test/b' }],
  ])('changes the key at %s', async (url, options, env) => {
    const context = createFakeContext(answer, { env })
    await ibmIam().authorize(anyRequest, { apiKey: 'k', options }, context)
    expect(context.sent[0]?.url).toBe(url)
    expect(formOf(context.sent[0])).toEqual({
      grant_type: 'urn:ibm:params:oauth:grant-type:apikey',
      apikey: 'k',
    })
  })

  it('says what is missing', () => {
    expect(() => ibmIam().authorize(anyRequest, { options: {} }, createFakeContext(answer))).toThrow(
      /WATSONX_APIKEY/,
    )
  })
})
