import { hashKey, keyNameOf } from '../../auth/virtual-key.ts'
import type { Resource } from '../../store/tables/resources.ts'
import type { Admin } from '../admin.ts'
import type { Work } from '../work.ts'
import { changeOf } from './change.ts'
import { expiryOf, renderNewKey, rotationOf } from './create.ts'
import type { KeyFields, Rotation } from './fields.ts'

type Key = Resource<'keys'>

/**
 * Gives a key a new value; what it may do and what it has spent go on. The old value works until the grace period
 * ends, or no more.
 */
export async function rotateKey(
  old: Key,
  rotation: Rotation,
  work: Work,
  admin: Admin,
): Promise<Record<string, unknown>> {
  const { nowMs } = work
  const change = await changeOf(old, rotation, work)
  const { data = old.data, ...columns } = change
  const key = rotation.new_key ?? admin.newKey()
  const id = hashKey(key)
  const { created_ms, created_by, updated_ms: _, updated_by: __, version: ___, ...kept } = old
  const graceEndMs = expiryOf(rotation.grace_period, nowMs)
  if (graceEndMs === null) await work.remove('keys', [old])
  else
    await work.update(
      'keys',
      old,
      {
        alias: null,
        expires_ms: earlier(graceEndMs, old.expires_ms),
        data: { ...old.data, replaced_by: id },
      },
      'rotated',
    )
  const count = typeof old.data['rotation_count'] === 'number' ? old.data['rotation_count'] : 0
  const row = await work.insert(
    'keys',
    {
      ...kept,
      ...columns,
      id,
      data: {
        ...data,
        key_name: keyNameOf(key),
        scope_id: old.data.scope_id ?? old.id,
        rotation_count: count + 1,
        last_rotation_at: new Date(nowMs).toISOString(),
        ...rotationOf({ ...old.data, ...rotation } as KeyFields, nowMs),
      },
    },
    { created_ms, created_by },
  )
  return renderNewKey(key, row, work, admin)
}

function earlier(one: number, other: number | null): number {
  return other === null ? one : Math.min(one, other)
}
