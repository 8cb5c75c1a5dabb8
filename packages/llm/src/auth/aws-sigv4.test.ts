import { describe, expect, it } from 'vitest'
import { awsSigV4, findAwsRegion } from './aws-sigv4.ts'
import { anyRequest, createFakeContext, formOf, testTokenScheme } from './token-scheme.contract.ts'
import type { FakeContext, World } from './token-scheme.contract.ts'

const bedrock = () => awsSigV4({ service: 'bedrock', bearerKeyVariable: 'AWS_BEARER_TOKEN_BEDROCK' })
const given = { aws_access_key_id: 'GIVEN', aws_secret_access_key: 'secret' }
const inEnvironment = { AWS_ACCESS_KEY_ID: 'ENVIRONMENT', AWS_SECRET_ACCESS_KEY: 'secret' }
const file = [
  '# my keys',
  '[default]',
  'aws_access_key_id = DEFAULT',
  'aws_secret_access_key = secret=',
  '',
  '[work]',
  'aws_access_key_id=WORK',
  'aws_secret_access_key=secret',
  'aws_session_token=session',
].join('\r\n')
const withFile: World = { env: { HOME: '/var/me' }, files: { '/var/me/.aws/credentials': file } }
const role = 'arn:aws:iam::123456789012:role/models'
const answer = `<AssumeRoleResponse><AssumeRoleResult><Credentials>
  <AccessKeyId>TEMPORARY</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>
  <SessionToken>session==</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>`

const authorize = async (
  options: Record<string, string>,
  world: World = {},
  apiKey?: string,
): Promise<{ headers: Record<string, string>; context: FakeContext }> => {
  const context = createFakeContext(answer, world)
  return { headers: await bedrock().authorize(anyRequest, { apiKey, options }, context), context }
}

const keyIn = (headers: Record<string, string>): string | undefined =>
  /Credential=([^/]+)/.exec(headers['authorization'] ?? '')?.[1]

describe('where the keys come from', () => {
  it.each<[string, string, Record<string, string>, World]>([
    ['the call', 'GIVEN', given, { env: { ...inEnvironment, AWS_BEARER_TOKEN_BEDROCK: 'b' } }],
    ['the environment', 'ENVIRONMENT', {}, { ...withFile, env: { ...withFile.env, ...inEnvironment } }],
    ['the default profile', 'DEFAULT', {}, withFile],
    [
      'a named profile',
      'WORK',
      { aws_profile_name: 'work' },
      { ...withFile, env: { ...withFile.env, ...inEnvironment } },
    ],
    [
      'a profile of the environment',
      'WORK',
      {},
      { ...withFile, env: { ...withFile.env, AWS_PROFILE: 'work' } },
    ],
    [
      'another file',
      'DEFAULT',
      {},
      { env: { AWS_SHARED_CREDENTIALS_FILE: '/keys' }, files: { '/keys': file } },
    ],
    ['a role', 'TEMPORARY', { ...given, aws_role_name: role }, {}],
    ['a web identity', 'TEMPORARY', { aws_role_name: role, aws_web_identity_token: 'a.b.c' }, {}],
    [
      'a web identity of the environment',
      'TEMPORARY',
      {},
      { env: { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' }, files: { '/token': 'a.b.c' } },
    ],
  ])('%s: %s', async (_, key, options, world) => {
    expect(keyIn((await authorize(options, world)).headers)).toBe(key)
  })

  it.each<[string, Record<string, string>, World, string | undefined]>([
    ['the call', given, {}, 'b'],
    ['the environment', {}, { env: { ...inEnvironment, AWS_BEARER_TOKEN_BEDROCK: 'b' } }, undefined],
  ])('a bearer key of %s', async (_, options, world, apiKey) => {
    expect((await authorize(options, world, apiKey)).headers).toEqual({ authorization: 'Bearer b' })
  })

  it('a session token is sent along and signed', async () => {
    const { headers } = await authorize({ aws_profile_name: 'work' }, withFile)
    expect(headers).toMatchObject({ 'x-amz-security-token': 'session' })
    expect(headers['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token')
  })

  it.each<[string, Record<string, string>, World]>([
    ['nothing', {}, {}],
    ['half a pair', { aws_access_key_id: 'GIVEN' }, {}],
    ['an unknown profile', { aws_profile_name: 'none' }, withFile],
    ['a web identity that is not there', { aws_role_name: role, aws_web_identity_token: '/none' }, {}],
  ])('%s is an error', async (_, options, world) => {
    await expect(authorize(options, world)).rejects.toMatchObject({
      name: 'CredentialError',
      retryable: false,
    })
  })
})

describe('roles', () => {
  testTokenScheme({ create: bedrock, credentials: { options: { ...given, aws_role_name: role } }, answer })

  it('are asked for with the keys there are', async () => {
    const options = { ...given, aws_role_name: role, aws_session_name: 'me', aws_external_id: 'x' }
    const { context } = await authorize(options)
    expect(context.sent[0]?.url).toBe('https://sts.us-east-1.amazonaws.com/')
    expect(context.sent[0]?.headers['authorization']).toContain(
      'Credential=GIVEN/20260101/us-east-1/sts/aws4_request',
    )
    expect(formOf(context.sent[0])).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: role,
      RoleSessionName: 'me',
      ExternalId: 'x',
    })
  })

  it('are asked for with a web identity, unsigned, where the caller says', async () => {
    const options = {
      aws_role_name: role,
      aws_web_identity_token: '/token',
      aws_sts_endpoint: 'https://sts.test/',
    }
    const { context } = await authorize(options, { files: { '/token': 'a.b.c\n' } })
    expect(context.sent[0]?.url).toBe('https://sts.test/')
    expect(context.sent[0]?.headers).not.toHaveProperty('authorization')
    expect(formOf(context.sent[0])).toMatchObject({
      Action: 'AssumeRoleWithWebIdentity',
      WebIdentityToken: 'a.b.c',
      RoleSessionName: 'switchyard',
    })
  })
})

describe('findAwsRegion', () => {
  const region = (host: string, option?: string, env: Record<string, string> = {}): string | undefined =>
    findAwsRegion(
      `https://${host}/x`,
      { options: { aws_region_name: option } },
      createFakeContext('', { env }),
    )

  it.each([
    ['bedrock-runtime.eu-central-1.amazonaws.com', 'eu-central-1'],
    ['bedrock-runtime-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['bedrock-runtime.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['bedrock-mantle.us-east-1.api.aws', 'us-east-1'],
    ['proxy.test', 'us-west-2'],
    ['us-east-1.evil.test', 'us-west-2'],
  ])('of %s is %s', (host, expected) => {
    expect(region(host, 'us-west-2')).toBe(expected)
  })

  it('comes from the environment last', () => {
    expect(region('proxy.test', undefined, { AWS_REGION: 'b', AWS_REGION_NAME: 'a' })).toBe('a')
    expect(region('proxy.test', undefined, { AWS_DEFAULT_REGION: 'c' })).toBe('c')
    expect(region('proxy.test')).toBeUndefined()
  })
})
