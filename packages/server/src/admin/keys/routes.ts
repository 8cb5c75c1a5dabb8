import { z } from 'zod'
import type { RestRoute } from '../../rest/route.ts'
import { action } from '../action.ts'
import type { Admin } from '../admin.ts'
import { badRequest, forbidden } from '../refusals.ts'
import { checkVersion } from '../version.ts'
import { usd } from '../fields.ts'
import { checkMayChangeKey, checkMayUnblock, seesKey } from './access.ts'
import { findKey, findKeys, findOwnKey, isRefusal, updateKey } from './change.ts'
import { createKey } from './create.ts'
import { changedKeyFields, newKeyFields, rotationFields } from './fields.ts'
import { createKeyListRoutes } from './list.ts'
import { renderKeys, renderOne, renderUsage } from './render.ts'
import { rotateKey } from './rotate.ts'
import { resetSpend } from './spend.ts'

const row = z
  .looseObject({
    key_name: z.string().nullable(),
    key_alias: z.string().nullable(),
    models: z.array(z.string()),
    spend: z.number().meta({ description: 'US dollars in the current window' }),
    max_budget: z.number().nullable(),
    budget_reset_at: z.string().nullable(),
    expires: z.string().nullable(),
    user_id: z.string().nullable(),
    team_id: z.string().nullable(),
  })
  .meta({ id: 'Key' })

const newKey = row.extend({
  key: z.string().meta({ description: 'The key itself. Nobody sees it again' }),
  token: z.string().meta({ description: 'Its SHA-256, by which it is kept' }),
})

const named = z.object({ key: z.string().min(1).meta({ description: 'The key, or its hash' }) })
const namedInPath = { key: 'The key, or its hash' }

export function createKeyRoutes(admin: Admin): readonly RestRoute[] {
  const common = { tag: 'Keys' } as const
  return [
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/generate'],
      summary: 'Makes a virtual key and shows it, this once',
      access: 'keys:write',
      body: newKeyFields,
      example: { models: ['gpt-4o'], max_budget: 100, budget_duration: 'monthly', rpm_limit: 100 },
      answer: { description: 'The key', schema: newKey },
      run: async ({ body }, work) => await createKey(body, work, admin),
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/service-account/generate'],
      summary: 'Makes a key that belongs to a team and to nobody in it',
      access: 'keys:write',
      body: newKeyFields,
      example: { team_id: 'backend', key_alias: 'nightly-job' },
      answer: { description: 'The key', schema: newKey },
      run: async ({ body }, work) => {
        const { team_id, key_alias, metadata } = body
        if (team_id == null)
          throw badRequest(
            'team_id is required for service account keys. Please specify `team_id` in the request body.',
            'team_id',
          )
        const account = { service_account_id: key_alias ?? work.newId(), ...metadata }
        const fields = { ...body, user_id: null, metadata: account }
        return await createKey(fields, work, admin, '/key/service-account/generate')
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/update'],
      summary: 'Changes a key; null clears a limit',
      access: 'keys:write',
      body: changedKeyFields,
      example: { key: 'sk-…', max_budget: 200 },
      answer: { description: 'The key as it is now', schema: row },
      run: async ({ body, ifMatch }, work) => {
        const key = await findOwnKey(body.key, '/key/update', work)
        checkVersion(key, ifMatch)
        return { key: body.key, ...(await updateKey(key, body, work, admin)) }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/bulk_update'],
      summary: 'Changes several keys; says of each whether it could be',
      access: 'keys:write',
      body: z.object({ keys: z.array(changedKeyFields).min(1).max(500) }),
      example: { keys: [{ key: 'sk-…', max_budget: 200 }] },
      answer: {
        description: 'What was changed and what was not',
        schema: z.looseObject({ total_requested: z.int() }),
      },
      run: async ({ body }, work) => {
        const done: object[] = []
        const failed: object[] = []
        for (const fields of body.keys) {
          try {
            const key = await findOwnKey(fields.key, '/key/bulk_update', work)
            done.push({ key: fields.key, key_info: await updateKey(key, fields, work, admin) })
          } catch (error) {
            if (!isRefusal(error)) throw error
            failed.push({ key: fields.key, key_info: null, failed_reason: error.message })
          }
        }
        return { total_requested: body.keys.length, successful_updates: done, failed_updates: failed }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/delete'],
      summary: 'Deletes keys, by value, hash or alias',
      access: 'keys:write',
      body: z
        .object({
          keys: z.array(z.string()).nullish(),
          key_aliases: z.array(z.string()).nullish(),
        })
        .refine(
          ({ keys, key_aliases: aliases }) => (keys ?? aliases) != null,
          'keys or key_aliases must be provided',
        ),
      example: { keys: ['sk-…'] },
      answer: { description: 'What was deleted', schema: z.object({ deleted_keys: z.array(z.string()) }) },
      run: async ({ body }, work) => {
        const found = await findKeys(body, work)
        for (const key of found) checkMayChangeKey(work.principal, key, '/key/delete')
        await work.remove('keys', found)
        return { deleted_keys: body.keys ?? body.key_aliases }
      },
    }),
    ...(['block', 'unblock'] as const).map((verb) =>
      action(admin, {
        ...common,
        method: 'POST',
        paths: [`/key/${verb}`],
        summary: verb === 'block' ? 'Blocks a key: it is refused at once' : 'Lets a blocked key work again',
        access: 'keys:write',
        body: named,
        example: { key: 'sk-…' },
        answer: { description: 'The key as it is now', schema: row },
        run: async ({ body }, work) => {
          const key = await findOwnKey(body.key, `/key/${verb}`, work)
          if (verb === 'unblock') checkMayUnblock(work.principal, key)
          const data = { ...key.data, blocked: verb === 'block' }
          return await renderOne(await work.update('keys', key, { data }, `${verb}ed`), work, admin)
        },
      }),
    ),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/regenerate', '/key/:key/regenerate'],
      params: namedInPath,
      summary: 'Gives a key a new value; the old one works until its grace period ends',
      access: 'keys:write',
      body: rotationFields,
      example: { key: 'sk-…', grace_period: '24h' },
      answer: { description: 'The key with its new value', schema: newKey },
      run: async ({ body, params }, work) => {
        const which = params['key'] ?? body.key
        if (which == null) throw badRequest('Send the key that gets a new value.', 'key')
        const key = await findOwnKey(which, '/key/regenerate', work)
        return await rotateKey(key, body, work, admin)
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/:key/reset_spend'],
      params: namedInPath,
      summary: 'Lets the spend of a key count anew',
      access: 'keys:write',
      body: z.object({ reset_to: usd }),
      example: { reset_to: 0 },
      answer: { description: 'What it had spent, and has now', schema: z.looseObject({ spend: z.number() }) },
      run: async ({ body, params }, work) => {
        const key = await findOwnKey(params['key'] ?? '', '/key/{key_id}/reset_spend', work)
        return await resetSpend(key, body.reset_to, work, admin)
      },
    }),
    action(admin, {
      ...common,
      method: 'GET',
      paths: ['/key/info'],
      summary: 'A key with its limits and what it has spent; without a name: the one that asks',
      access: 'keys:read',
      query: z.object({ key: z.string().optional().meta({ description: 'The key, or its hash' }) }),
      answer: { description: 'The key', schema: z.object({ key: z.string(), info: row }) },
      run: async ({ query }, work) => {
        const which = query.key ?? work.principal.keyHash
        const key = await findKey(which, work)
        if (!seesKey(work.principal, key))
          throw forbidden("You are not allowed to access this key's info. Your role does not see it.", 'key')
        const { token: _, ...info } = await renderOne(key, work, admin)
        return { key: which, info: { ...info, ...(await renderUsage(key, work, admin)) } }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/v2/key/info'],
      summary: 'Several keys with their limits and what they have spent',
      access: 'keys:read',
      body: z.object({ keys: z.array(z.string()).min(1).max(1_000) }),
      example: { keys: ['sk-…'] },
      answer: {
        description: 'The keys',
        schema: z.object({ key: z.array(z.string()), info: z.array(row) }),
      },
      run: async ({ body }, work) => {
        const found = await findKeys(body, work)
        const seen = found.filter((key) => seesKey(work.principal, key))
        return { key: body.keys, info: await renderKeys(seen, work, admin) }
      },
    }),
    action(admin, {
      ...common,
      method: 'POST',
      paths: ['/key/health'],
      summary: 'Whether the key that asks can be used',
      access: 'keys:read',
      answer: { description: 'It can', schema: z.looseObject({ key: z.string() }) },
      run: () => Promise.resolve({ key: 'healthy', logging_callbacks: null }),
    }),
    ...createKeyListRoutes(admin),
  ]
}
