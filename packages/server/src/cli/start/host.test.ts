import { describe, expect, it } from 'vitest'
import { chooseHost, isLoopback, reachableUrl } from './host.ts'
import type { Credential } from './host.ts'

describe('chooseHost', () => {
  it.each<[asked: string | undefined, credential: Credential, host: string | undefined]>([
    [undefined, 'user', '0.0.0.0'],
    [undefined, 'generated', '127.0.0.1'],
    [undefined, 'none', '127.0.0.1'],
    ['0.0.0.0', 'user', '0.0.0.0'],
    ['0.0.0.0', 'generated', '0.0.0.0'],
    ['0.0.0.0', 'none', undefined],
    ['::', 'none', undefined],
    ['192.168.1.5', 'none', undefined],
    ['example.com', 'none', undefined],
    ['localhost', 'none', 'localhost'],
    ['127.0.0.2', 'none', '127.0.0.2'],
    ['::1', 'none', '::1'],
  ])('%s with credential %s: %s', (asked, credential, host) => {
    expect(chooseHost(asked, credential)).toBe(host)
  })
})

describe('isLoopback', () => {
  it.each([
    ['LOCALHOST', true],
    ['[::1]', true],
    ['::ffff:127.0.0.1', true],
    ['127.0.0.1.example.com', false],
    ['localhost.example.com', false],
    ['128.0.0.1', false],
    ['', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected)
  })
})

describe('reachableUrl', () => {
  it.each([
    ['127.0.0.1', 'http://127.0.0.1:4000'],
    ['0.0.0.0', 'http://127.0.0.1:4000'],
    ['::', 'http://127.0.0.1:4000'],
    ['::1', 'http://[::1]:4000'],
    ['gateway.local', 'http://gateway.local:4000'],
  ])('%s: %s', (host, url) => {
    expect(reachableUrl(host, 4_000)).toBe(url)
  })
})
