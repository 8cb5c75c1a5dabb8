import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface CertificateOptions {
  /** Names and addresses it is good for. */
  hosts?: string[]
  notBefore?: Date
  notAfter?: Date
}

/** A fresh self-signed certificate, for tests of what a client does with a bad one. */
export function selfSignedCertificate(options: CertificateOptions = {}): { key: string; cert: string } {
  const { hosts = ['localhost', '127.0.0.1'] } = options
  const { notBefore = new Date(Date.now() - 86_400_000), notAfter = new Date(Date.now() + 86_400_000) } =
    options
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const ecdsaWithSha256 = sequence(objectId('2a8648ce3d040302'))
  const serial = randomBytes(8)
  // Of several with one name, whoever is asked to trust them finds one only.
  const commonName = Buffer.from(`scripted provider ${serial.toString('hex')}`)
  const name = sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, commonName))))
  const alternativeNames = sequence(...hosts.map(alternativeName))
  const extensions = sequence(sequence(objectId('551d11'), tagged(0x04, alternativeNames)))
  const toBeSigned = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), serial])),
    ecdsaWithSha256,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions),
  )
  const signature = sign('sha256', toBeSigned, privateKey)
  const der = sequence(
    toBeSigned,
    ecdsaWithSha256,
    tagged(0x03, Buffer.concat([Buffer.from([0]), signature])),
  )
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
  }
}

function alternativeName(host: string): Buffer {
  const isAddress = /^\d+(\.\d+){3}$/.test(host)
  return isAddress ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host))
}

function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14)
  return tagged(0x18, Buffer.from(`${digits}Z`))
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'))
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

/** One DER element. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const header =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...header]), content])
}
