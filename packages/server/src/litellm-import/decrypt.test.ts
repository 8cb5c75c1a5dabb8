import { describe, expect, it } from 'vitest'
import { createDecrypt, looksEncrypted } from './decrypt.ts'

// Encrypted with PyNaCl and cryptography, as LiteLLM does, with the salt key `sk-salt`.
const box = '-__7__v_-__7__v_-__7__v_-__7__v_aWUwa2qeRI6ul4ft54kwxofgBaxFafdYZU3mdGat'
const boxInPlainBase64 = '+//7//v/+//7//v/+//7//v/+//7//v/aWUwa2qeRI6ul4ft54kwxofgBaxFafdYZU3mdGat'
const v2 = 'v2:gcm:AAECAwQFBgcICQoLBMF4m_l2yMnOvaQ8XnZo3O2bKvIjmvjhhMNKAkJi'
const v3 = 'v3:gcm:AAECAwQFBgcICQoLoQQDo9GrgOBEH6H2dsv5fIAclMvyB34eZpb6tcGW'

describe('createDecrypt', () => {
  it.each<[name: string, value: string, saltKey: string, text: string | undefined]>([
    ['a secret box', box, 'sk-salt', 'sk-provider-ü'],
    ['one of an early release', boxInPlainBase64, 'sk-salt', 'sk-provider-ü'],
    ['AES with the hashed key', v2, 'sk-salt', 'sk-provider-ü'],
    ['AES with the derived key', v3, 'sk-salt', 'sk-provider-ü'],
    ['a secret box of another key', box, 'sk-other', undefined],
    ['AES of another key', v3, 'sk-other', undefined],
    ['half a secret box', box.slice(0, 40), 'sk-salt', undefined],
    ['half of AES', v3.slice(0, 20), 'sk-salt', undefined],
    ['plain text', 'openai/gpt-5.4-mini', 'sk-salt', undefined],
    ['nothing', '', 'sk-salt', undefined],
  ])('reads %s', async (_, value, saltKey, text) => {
    const decrypt = await createDecrypt(['sk-first', saltKey])
    expect(decrypt(value)).toBe(text)
  })
})

it.each<[value: string, looks: boolean]>([
  [box, true],
  [boxInPlainBase64, true],
  [v2, true],
  [v3, true],
  ['openai/gpt-5.4-mini', false],
  ['fireworks_ai/accounts/fireworks/models/llama-v3-405b-instruct', false],
  ['sk-short', false],
  ['https://a-long-address-of-somebody.example.com/with/a/long/path/too', false],
])('%s looks encrypted: %s', (value, looks) => {
  expect(looksEncrypted(value)).toBe(looks)
})
