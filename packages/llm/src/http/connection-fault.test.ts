import { expect, it } from 'vitest'
import { connectionFault } from './connection-fault.ts'
import { TransportError } from './transport-error.ts'
import type { TransportErrorKind } from './transport-error.ts'

const withCode = (code: string, cause?: unknown): Error => Object.assign(new Error(code, { cause }), { code })
const url = 'https://name:secret@api.test:8443/path?key=secret'

it.each<[string, Error, TransportErrorKind, TransportErrorKind]>([
  ['a refused connection', withCode('ECONNREFUSED'), 'connect_refused', 'connect_refused'],
  [
    'every address refused',
    new AggregateError([withCode('ECONNREFUSED')]),
    'connect_refused',
    'connect_refused',
  ],
  ['no route', withCode('EHOSTUNREACH'), 'connect_refused', 'connect_refused'],
  ['a hidden cause', new TypeError('fetch failed', { cause: withCode('ENOTFOUND') }), 'dns', 'dns'],
  ['a name server that fails', withCode('EAI_AGAIN'), 'dns', 'dns'],
  ['an expired certificate', withCode('CERT_HAS_EXPIRED'), 'tls', 'tls'],
  ['a self-signed certificate', withCode('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', 'tls'],
  ['a certificate for another host', withCode('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', 'tls'],
  ['an unknown authority', withCode('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', 'tls'],
  ['a TCP timeout', withCode('ETIMEDOUT'), 'connect_timeout', 'truncated'],
  ["undici's connect timeout", withCode('UND_ERR_CONNECT_TIMEOUT'), 'connect_timeout', 'connect_timeout'],
  ['a reset', withCode('ECONNRESET'), 'reset', 'truncated'],
  ['a closed socket', withCode('UND_ERR_SOCKET'), 'reset', 'truncated'],
  ['an end inside the framing', withCode('HPE_INVALID_EOF_STATE'), 'reset', 'truncated'],
  ['a bad status line', withCode('HPE_INVALID_CONSTANT'), 'invalid_response', 'invalid_response'],
  ['bad gzip', new TypeError('terminated', { cause: withCode('Z_DATA_ERROR') }), 'encoding', 'encoding'],
  ['bad brotli', withCode('ERR__ERROR_FORMAT_PADDING_1'), 'encoding', 'encoding'],
  ['bad zstd', withCode('ZSTD_error_prefix_unknown'), 'encoding', 'encoding'],
  ['something unknown', new Error('odd'), 'reset', 'truncated'],
])('%s', (_, error, beforeHead, inBody) => {
  expect(connectionFault(error, url, false).kind).toBe(beforeHead)
  const fault = connectionFault(error, url, true)
  expect(fault).toMatchObject({ kind: inBody, cause: error })
  expect(fault.message).toContain('api.test:8443')
  expect(fault.message).not.toContain('secret')
})

it('leaves what a connector has named as it is', () => {
  const error = new TransportError('forbidden_address', url)
  expect(connectionFault(error, url, false)).toBe(error)
})
