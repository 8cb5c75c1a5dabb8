import { describe, expect, it, onTestFinished } from 'vitest'
import type { DeploymentConfig } from '../config/index.ts'
import { createChanges } from '../store/changes.ts'
import type { Changes } from '../store/changes.ts'
import { createSealer } from '../store/seal.ts'
import { resourceTable } from '../store/tables/resources.ts'
import { testDatabases } from '../store/testing/databases.ts'
import { sealCredential } from './stored-credential.ts'
import { sealModel } from './stored-model.ts'
import { followStoredModels } from './stored-models.ts'
import type { StoredModels } from './stored-models.ts'

const sealer = createSealer([{ reveal: () => 'a key of the operator' }])
const other = createSealer([{ reveal: () => 'another key' }])
const made = { created_ms: 0, created_by: null, updated_ms: 0, updated_by: null, version: 1 }

describe.each(testDatabases)('models that are kept in $dialect', ({ open }) => {
  async function follow(): Promise<{
    changes: Changes
    stored: StoredModels
    seen: (readonly DeploymentConfig[])[]
    left: unknown[]
  }> {
    const database = await open()
    const log = { warn: () => undefined, info: () => undefined }
    const changes = await createChanges({ database, instance: 'test', log })
    const seen: (readonly DeploymentConfig[])[] = []
    const left: unknown[] = []
    const stored = followStoredModels({
      store: { database, changes },
      sealer,
      log: { warn: () => undefined, error: (about: unknown) => void left.push(about) },
      onRead: (deployments) => seen.push(deployments),
    })
    onTestFinished(async () => {
      stored.close()
      await changes.close()
    })
    return { changes, stored, seen, left }
  }

  async function insert(changes: Changes, id: string, by = sealer, params: object = {}): Promise<void> {
    const entry = { model_name: 'smart', litellm_params: { model: 'openai/gpt-4o', ...params } }
    const data = await sealModel(id, entry, by)
    await changes.transaction(async (trx, tell) => {
      await resourceTable('models').insert(trx, { ...made, id, model_name: 'smart', data })
      tell({ kind: 'model', id })
    })
  }

  it('are deployments with their secrets, as those of the configuration are', async () => {
    const { changes, stored, seen } = await follow()
    await insert(changes, 'm-1', sealer, { api_key: 'sk-secret', rpm: 5 })
    await stored.read()
    const [model] = seen.at(-1) ?? []
    expect(model).toMatchObject({ id: 'm-1', modelGroup: 'smart', model: 'openai/gpt-4o', rpm: 5 })
    expect(model?.modelInfo).toMatchObject({ db_model: true })
    expect(model?.target.apiKey?.reveal()).toBe('sk-secret')
  })

  it('take what they leave out from the credential that they name', async () => {
    const { changes, stored, seen } = await follow()
    const data = await sealCredential(
      'team',
      {},
      { api_key: 'sk-team', api_base: 'https://api.test' },
      sealer,
    )
    await changes.transaction(async (trx) => {
      await resourceTable('credentials').insert(trx, { ...made, id: 'team', data })
    })
    await insert(changes, 'm-1', sealer, { litellm_credential_name: 'team' })
    await stored.read()
    const target = seen.at(-1)?.[0]?.target
    expect([target?.apiBase, target?.apiKey?.reveal()]).toEqual(['https://api.test', 'sk-team'])
  })

  it('are told anew when one is changed, and only then', async () => {
    const { changes, stored, seen } = await follow()
    await insert(changes, 'm-1')
    await stored.read()
    await stored.read()
    expect(seen).toHaveLength(1)
    await insert(changes, 'm-2')
    await stored.read()
    expect(seen.at(-1)?.map(({ id }) => id)).toEqual(['m-1', 'm-2'])
  })

  it('are left out when they cannot be opened, and the others stay', async () => {
    const { changes, stored, seen, left } = await follow()
    await insert(changes, 'm-1', other, { api_key: 'sk-secret' })
    await insert(changes, 'm-2')
    await stored.read()
    expect(seen.at(-1)?.map(({ id }) => id)).toEqual(['m-2'])
    expect(left.at(-1)).toMatchObject({ model: 'm-1' })
  })
})
