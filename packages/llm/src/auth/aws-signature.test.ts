import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createAwsSigner } from './aws-signature.ts'

const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' }
const scope = { service: 'service', region: 'us-east-1' }
const nowMs = Date.UTC(2015, 7, 30, 12, 36, 0)
const sessionToken =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='

describe('createAwsSigner', () => {
  it.each([
    ['get-vanilla', 'GET', '', {}, '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
    ['post-vanilla', 'POST', '', {}, '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      '?Param2=value2&Param1=value1',
      {},
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-sts-header-before',
      'POST',
      '',
      { sessionToken },
      '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
    ],
  ])("agrees with AWS's own test vector %s", async (_, method, query, temporary, signature) => {
    const request = { method, url: `https://example.amazonaws.com/${query}`, headers: {}, body: undefined }
    const headers = await createAwsSigner()(request, { ...keys, ...temporary }, scope, nowMs)
    const signed = 'sessionToken' in temporary ? 'host;x-amz-date;x-amz-security-token' : 'host;x-amz-date'
    expect(headers).toMatchObject({
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signed}, Signature=${signature}`,
    })
  })

  it('signs the escaped colon of a Bedrock model id escaped once more', async () => {
    const host = 'bedrock-runtime.us-east-1.amazonaws.com'
    const body = '{"messages":["né"]}'
    const bedrock = { service: 'bedrock', region: 'us-east-1' }
    const request = {
      method: 'POST',
      url: `https://${host}/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse`,
      headers: { 'content-type': 'application/json', accept: '*/*' },
      body,
    }
    const { authorization } = await createAwsSigner()(request, keys, bedrock, nowMs)
    const canonical = [
      'POST',
      '/model/anthropic.claude-3-haiku-20240307-v1%253A0/converse',
      '',
      `host:${host}\nx-amz-date:20150830T123600Z\n`,
      'host;x-amz-date',
      sha256(body),
    ].join('\n')
    expect(authorization).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/bedrock/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signBedrock(canonical)}`,
    )
    const sameInBytes = { ...request, body: new TextEncoder().encode(body) }
    expect(await createAwsSigner()(sameInBytes, keys, bedrock, nowMs)).toMatchObject({ authorization })
  })
})

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The last steps of the algorithm as AWS documents them, written without the library. */
function signBedrock(canonical: string): string {
  const stringToSign = `AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/bedrock/aws4_request\n${sha256(canonical)}`
  const steps = ['20150830', 'us-east-1', 'bedrock', 'aws4_request', stringToSign]
  const first: Buffer = Buffer.from(`AWS4${keys.secretAccessKey}`)
  return steps.reduce((key, text) => createHmac('sha256', key).update(text).digest(), first).toString('hex')
}
