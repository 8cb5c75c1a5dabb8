import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { clientAddress, isAddressIn } from './client-address.ts'

test.each<[string, string | undefined, string | undefined, boolean, string | undefined]>([
  ['the connection’s', '1.2.3.4', undefined, false, '1.2.3.4'],
  ['an IPv4 address on a socket of both', '::ffff:1.2.3.4', undefined, false, '1.2.3.4'],
  ['what a client claims does not count', '1.2.3.4', '9.9.9.9', false, '1.2.3.4'],
  ['what the proxy says', '10.0.0.1', '9.9.9.9', true, '9.9.9.9'],
  ['not what the client told the proxy', '10.0.0.1', '6.6.6.6, 9.9.9.9', true, '9.9.9.9'],
  ['a proxy that says nothing', '10.0.0.1', undefined, true, '10.0.0.1'],
  ['a connection that is gone', undefined, undefined, false, undefined],
])('%s', (_name, remoteAddress, forwarded, useForwardedFor, expected) => {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }
  const request = { headers, socket: { remoteAddress } as Socket }
  expect(clientAddress(request, useForwardedFor)).toBe(expected)
})

test.each<[string[], string | undefined, boolean]>([
  [['1.2.3.4'], '1.2.3.4', true],
  [['1.2.3.4'], '1.2.3.5', false],
  [['10.0.0.0/8', '1.2.3.4'], '10.200.0.1', true],
  [['10.0.0.0/8'], '11.0.0.1', false],
  [['::1', 'fd00::/8'], 'fd12::1', true],
  [['::1'], '0:0:0:0:0:0:0:1', true],
  [['0.0.0.0/0'], '::1', false],
  [['localhost', '10.0.0.0/99'], '10.0.0.1', false],
  [['1.2.3.4'], 'evil', false],
  [['1.2.3.4'], undefined, false],
  [[], '1.2.3.4', false],
])('in %j is %s: %s', (list, address, expected) => {
  expect(isAddressIn(list, address)).toBe(expected)
  expect(isAddressIn(list, address)).toBe(expected)
})
