import { format, inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hideAddressCredentials, isSecretName, printRedacted, redactTree } from './redact.ts'
import { Secret } from './secret.ts'

describe('Secret', () => {
  const secret = new Secret('sk-1234')

  it.each([
    ['String()', String(secret)],
    ['a template', `${secret}`],
    ['concatenation', 'key ' + secret.toString()],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ secret }, { depth: 5, showHidden: true })],
    ['console formatting', format('%s %o %j', secret, secret, secret)],
    ['own properties', JSON.stringify(Object.entries(secret))],
  ])('does not show itself in %s', (_, shown) => {
    expect(shown).not.toContain('sk-1234')
  })

  it('gives its text to who asks for it', () => {
    expect(secret.reveal()).toBe('sk-1234')
  })
})

describe('isSecretName', () => {
  it.each([
    'api_key',
    'apiKey',
    'master_key',
    'aws_secret_access_key',
    'aws_access_key_id',
    'client_secret',
    'vertex_credentials',
    'azure_ad_token',
    'aws_session_token',
    'redis_password',
    'drain_endpoint_token',
    'x-api-key',
    'Authorization',
    'alert_to_webhook_url',
    'litellm_license',
  ])('%s is secret', (name) => {
    expect(isSecretName(name)).toBe(true)
  })

  it.each([
    'model',
    'max_tokens',
    'max_input_tokens',
    'input_cost_per_token',
    'cache_read_input_token_cost',
    'litellm_key_header_name',
    'litellm_credential_name',
    'token_rate_limit_type',
    'aws_region_name',
    'default_api_key_tpm_limit',
    'key_generation_settings',
  ])('%s is not', (name) => {
    expect(isSecretName(name)).toBe(false)
  })
})

describe('redactTree', () => {
  it('hides secrets by name, below headers and in addresses, and keeps references', () => {
    const shown = redactTree({
      api_key: 'sk-1',
      other_key: 'os.environ/OTHER',
      extra_headers: { 'x-team': 'blue' },
      vertex_credentials: { private_key: 'x', type: 'service_account' },
      database_url: 'postgresql://user:pass@host:5432/db',
      redis_url: 'redis://:pass@host:6379',
      max_tokens: 5,
      tags: ['a'],
    })
    expect(shown).toEqual({
      api_key: '[redacted]',
      other_key: 'os.environ/OTHER',
      extra_headers: { 'x-team': '[redacted]' },
      vertex_credentials: { private_key: '[redacted]', type: '[redacted]' },
      database_url: 'postgresql://[redacted]@host:5432/db',
      redis_url: 'redis://[redacted]@host:6379',
      max_tokens: 5,
      tags: ['a'],
    })
  })

  it('leaves addresses without credentials alone', () => {
    expect(hideAddressCredentials('https://host/a@b')).toBe('https://host/a@b')
  })
})

describe('printRedacted', () => {
  it('shows itself without secrets and reads with them', () => {
    const options = printRedacted({ aws_secret_access_key: 'wJal', aws_region_name: 'eu-west-1' }, 'options')
    expect(JSON.stringify(options)).toBe(
      '{"aws_secret_access_key":"[redacted]","aws_region_name":"eu-west-1"}',
    )
    expect(inspect(options)).not.toContain('wJal')
    expect({ ...options }).toEqual({ aws_secret_access_key: 'wJal', aws_region_name: 'eu-west-1' })
  })
})
