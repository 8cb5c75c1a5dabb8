import { createCipheriv, createDecipheriv, createHash, randomBytes, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import { storeError } from './store-error.ts'

/**
 * Seals texts that must not be read from a copy of the database: AES-256-GCM under a key that scrypt makes of the
 * operator's. Each text is bound to its row, so that it cannot be moved to another one.
 *
 * `1.<key id>.<base64url of nonce, ciphertext and tag>`: the version of this form and the key are said in front and
 * are authenticated with the rest.
 */
export interface Sealer {
  /** @throws `sealed` when there is no key. */
  seal: (text: string, row: SealedRow) => Promise<string>
  /** @throws `sealed` when there is no key, another one, or when it was changed or moved since. */
  open: (sealed: string, row: SealedRow) => Promise<string>
}

export interface SealedRow {
  readonly table: string
  readonly id: string
}

const VERSION = '1'
const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32
/** Each row has a nonce of its own; this only keeps the key apart from other uses of the same secret. */
const SALT = 'switchyard seal 1'
/** 32 MB and some 80 ms, once in a process: the operator's key may be one that a person thought of. */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 }

interface Key {
  readonly id: string
  readonly bytes: Buffer
}

/** The first key seals; all of them open what they have sealed. */
export function createSealer(secrets: readonly { reveal: () => string }[]): Sealer {
  let derived: Promise<Key[]> | undefined
  const keys = async (): Promise<Key[]> =>
    await (derived ??= Promise.all(secrets.map(async (secret) => await deriveKey(secret.reveal()))))
  return {
    seal: async (text, row) => {
      const [key] = await keys()
      if (key === undefined)
        throw storeError(
          'sealed',
          'There is no key to encrypt credentials with. Set SWITCHYARD_SALT_KEY to a long random text and keep it.',
        )
      const nonce = randomBytes(NONCE_BYTES)
      const head = `${VERSION}.${key.id}`
      const cipher = createCipheriv(CIPHER, key.bytes, nonce).setAAD(boundTo(head, row))
      const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return `${head}.${body.toString('base64url')}`
    },
    open: async (sealed, row) => {
      const [version = '', id = '', body = ''] = sealed.split('.')
      if (version !== VERSION) throw unreadable(row, 'is not in a form that this release knows')
      const key = (await keys()).find((key) => key.id === id)
      if (key === undefined)
        throw unreadable(row, 'was encrypted under another key: set SWITCHYARD_SALT_KEY to what it was then')
      try {
        return decipher(Buffer.from(body, 'base64url'), key, boundTo(`${version}.${id}`, row))
      } catch {
        throw unreadable(row, 'was changed or moved since it was encrypted: enter it anew')
      }
    },
  }
}

function decipher(bytes: Buffer, key: Key, bound: Buffer): string {
  const nonce = bytes.subarray(0, NONCE_BYTES)
  const opened = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES })
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-TAG_BYTES))
  return opened.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + opened.final('utf8')
}

async function deriveKey(secret: string): Promise<Key> {
  const derive = promisify<string, string, number, typeof COST, Buffer>(scrypt)
  const bytes = await derive(secret, SALT, KEY_BYTES, COST)
  return { id: createHash('sha256').update('id').update(bytes).digest('hex').slice(0, 8), bytes }
}

/** Each part with its length, so that no two rows are written alike. */
function boundTo(head: string, { table, id }: SealedRow): Buffer {
  return Buffer.from(JSON.stringify([head, table, id]))
}

function unreadable({ table, id }: SealedRow, why: string): Error {
  return storeError('sealed', `The credential of ${id} in ${table} ${why}.`)
}
