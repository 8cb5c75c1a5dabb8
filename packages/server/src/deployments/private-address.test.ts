import { describe, expect, test } from 'vitest'
import { isPrivateAddress, isPrivateName } from './private-address.ts'

describe('addresses', () => {
  test.each([
    ['this machine', '127.0.0.1'],
    ['this machine, spelt oddly', '127.8.9.10'],
    ['this machine', '::1'],
    ['nobody', '0.0.0.0'],
    ['nobody', '::'],
    ['a private network', '10.0.0.1'],
    ['a private network', '172.31.255.255'],
    ['a private network', '192.168.1.1'],
    ['a private network', 'fd00::1'],
    ['a carrier’s network', '100.64.0.1'],
    ['neighbours', 'fe80::1%eth0'],
    ['sites of old', 'fec0::1'],
    ['the cloud’s own service', '169.254.169.254'],
    ['the cloud’s own service', 'fd00:ec2::254'],
    ['the cloud’s own service', '100.100.100.200'],
    ['the cloud’s own service', '168.63.129.16'],
    ['groups', '224.0.0.1'],
    ['groups', 'ff02::1'],
    ['everybody', '255.255.255.255'],
    ['benchmarks', '198.18.0.1'],
    ['documentation', '192.0.2.1'],
    ['documentation', '2001:db8::1'],
    ['mapped', '::ffff:10.0.0.1'],
    ['mapped', '::ffff:a9fe:a9fe'],
    ['translated', '64:ff9b::127.0.0.1'],
    ['translated at home', '64:ff9b:1::8.8.8.8'],
    ['compatible', '::10.0.0.1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378::1'],
  ])('%s: %s', (_what, address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })

  test.each([
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
  ])('public: %s', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
})

describe('names', () => {
  test.each<[string, boolean]>([
    ['localhost', true],
    ['LOCALHOST.', true],
    ['ollama', true],
    ['host.docker.internal', true],
    ['ollama.llm.svc', true],
    ['ollama.llm.svc.cluster.local', true],
    ['nas.lan', true],
    ['api.openai.com', false],
    ['local.example.com', false],
    ['notlocal', true],
    ['example.notlocal', false],
    ['127-0-0-1.nip.io', false],
  ])('%s: %s', (name, expected) => {
    expect(isPrivateName(name)).toBe(expected)
  })
})
