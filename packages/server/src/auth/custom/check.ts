import { createError, isSwitchyardError } from '@switchyard/llm/kit'
import type { SwitchyardError } from '@switchyard/llm/kit'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { CustomAuth, CustomAuthRequest, CustomIdentity } from './custom-auth.ts'

/** Asks a program's own authentication. Undefined: it has nothing to say about this request. */
export type CustomCheck = (request: Omit<CustomAuthRequest, 'signal'>) => Promise<CustomIdentity | undefined>

export interface CustomCheckOptions {
  readonly authenticate: CustomAuth
  readonly timeoutMs?: number | undefined
  readonly log: Pick<Logger, 'warn' | 'error'>
}

const TIMEOUT_MS = 2_000

const name = z.string().min(1).max(255)
const count = z.int().min(0)
const identitySchema: z.ZodType<CustomIdentity> = z
  .strictObject({
    api_key: name.optional(),
    user_id: name.optional(),
    team_id: name.optional(),
    org_id: name.optional(),
    end_user_id: name.optional(),
    models: z.array(z.string()).optional(),
    allowed_routes: z.array(z.string()).optional(),
    rpm_limit: count.optional(),
    tpm_limit: count.optional(),
    max_parallel_requests: count.optional(),
    tags: z.array(name).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ api_key, user_id, team_id }) => (api_key ?? user_id ?? team_id) !== undefined, {
    error: 'names nobody: give api_key, user_id or team_id',
  })

/**
 * Runs the hook within its time and reads what it says.
 *
 * @throws 401 when the hook throws; 503 `custom_auth_timeout`; 500 when what it says is no identity.
 */
export function createCustomCheck({
  authenticate,
  timeoutMs = TIMEOUT_MS,
  log,
}: CustomCheckOptions): CustomCheck {
  return async (request) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const answer = await ask(authenticate, { ...request, signal }, log)
    if (answer === undefined || answer === null) return undefined
    const checked = identitySchema.safeParse(answer)
    if (checked.success) return checked.data
    const problems = checked.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim())
    log.error({ problems }, 'custom_auth gave something that is no identity')
    throw brokenHook()
  }
}

async function ask(
  authenticate: CustomAuth,
  request: CustomAuthRequest,
  log: Pick<Logger, 'warn'>,
): Promise<unknown> {
  const { signal } = request
  const tooLate = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(lateHook()), { once: true })
  })
  try {
    return await Promise.race([run(authenticate, request), tooLate])
  } catch (error) {
    if (isSwitchyardError(error) && error.reason === LATE) throw error
    log.warn({ error }, 'custom_auth refused a request')
    throw refusedByHook()
  }
}

/** What is thrown at once counts as what is thrown later. */
async function run(authenticate: CustomAuth, request: CustomAuthRequest): Promise<unknown> {
  return await authenticate(request)
}

const LATE = 'custom_auth_timeout'

function lateHook(): SwitchyardError {
  return createError({
    code: 'service_unavailable',
    reason: LATE,
    message: 'The authentication of this gateway did not answer in time. Try again in a moment.',
  })
}

function refusedByHook(): SwitchyardError {
  return createError({
    code: 'authentication',
    reason: 'invalid_api_key',
    type: 'auth_error',
    message: 'Authentication Error, The credentials of this request were refused.',
  })
}

function brokenHook(): SwitchyardError {
  return createError({
    code: 'internal',
    reason: 'custom_auth_failed',
    retryable: false,
    message: 'The authentication of this gateway is broken. Its log says what is wrong with its answer.',
  })
}
