import { describe, expect, it } from 'vitest'
import type { AuthContext, AuthRequest, AuthScheme, Credentials } from '../types/auth.ts'
import type { HttpRequest } from '../types/transport.ts'

export interface FakeContext extends AuthContext {
  /** What was sent to the token service. */
  sent: HttpRequest[]
  clockMs: number
  answer: { status: number; text: string }
}

export interface World {
  env?: Readonly<Record<string, string>>
  files?: Readonly<Record<string, string>>
}

/** A context with a clock that stands, and a token service that gives the same answer until told otherwise. */
export function createFakeContext(text: string, { env = {}, files = {} }: World = {}): FakeContext {
  const context: FakeContext = {
    sent: [],
    clockMs: Date.UTC(2026, 0, 1),
    answer: { status: 200, text },
    nowMs: () => context.clockMs,
    env: (name) => env[name],
    async readFile(path) {
      const file = files[path]
      if (file === undefined) throw new Error(`no file ${path}`)
      return file
    },
    async transport(request) {
      context.sent.push(request)
      const { status, text } = context.answer
      return { status, headers: {}, body: chunksOf(text) }
    },
  }
  return context
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  yield bytes.subarray(0, 3)
  yield bytes.subarray(3)
}

/** The fields of a form that was posted. */
export function formOf(request: HttpRequest | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(String(request?.body)))
}

export const anyRequest: AuthRequest = {
  method: 'POST',
  url: 'https://bedrock-runtime.us-east-1.amazonaws.com/model/a/converse',
  headers: {},
  body: '{}',
}

export interface TokenScheme extends World {
  create(): AuthScheme
  /** Anything secret in here holds the word "secret". */
  credentials: Credentials
  /** An answer of the token service with a token good for an hour. */
  answer: string
}

/** What every scheme must do that fetches a token. */
export function testTokenScheme({ create, credentials, answer, ...world }: TokenScheme): void {
  const start = (): { context: FakeContext; authorize: () => Promise<Record<string, string>> } => {
    const scheme = create()
    const context = createFakeContext(answer, world)
    return { context, authorize: async () => scheme.authorize(anyRequest, credentials, context) }
  }

  describe('a token', () => {
    it('is fetched once, until a minute before it expires', async () => {
      const { context, authorize } = start()
      const first = await authorize()
      expect(first).toHaveProperty('authorization')
      context.clockMs += 3_539_000
      await authorize()
      expect(context.sent).toHaveLength(1)
      context.clockMs += 2000
      await authorize()
      expect(context.sent).toHaveLength(2)
    })

    it('is fetched once for requests at the same time', async () => {
      const { context, authorize } = start()
      const [first, second] = await Promise.all([authorize(), authorize(), authorize()])
      expect(second).toEqual(first)
      expect(context.sent).toHaveLength(1)
    })

    it.each([
      [401, false],
      [400, false],
      [429, true],
      [503, true],
    ])(
      'that is refused with %i is an error without secrets, and is asked for again',
      async (status, retryable) => {
        const { context, authorize } = start()
        context.answer = {
          status,
          text: '{"error":"invalid_client","error_description":"secret key is wrong"}',
        }
        const error: unknown = await authorize().catch((failure: unknown) => failure)
        expect(error).toMatchObject({ name: 'CredentialError', retryable })
        expect(String(error)).toContain(String(status))
        expect(`${JSON.stringify(error)} ${String(error)}`).not.toContain('secret')
        context.answer = { status: 200, text: answer }
        expect(await authorize()).toHaveProperty('authorization')
      },
    )

    it.each(['', '<html>', '[]', '{"access_token":5}'])(
      'that is not in the answer %j is an error',
      async (text) => {
        const { context, authorize } = start()
        context.answer = { status: 200, text }
        await expect(authorize()).rejects.toMatchObject({ name: 'CredentialError' })
      },
    )
  })
}
