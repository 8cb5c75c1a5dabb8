import { describe, expect, it } from 'vitest'
import { readLedgerSettings } from './settings.ts'

describe('settings of the ledger', () => {
  it.each([
    [{}, { keepLogs: undefined, cleanEveryMs: 86_400_000, storePrompts: false }],
    [
      { maximum_spend_logs_retention_period: '30d', maximum_spend_logs_retention_interval: '1h' },
      { keepLogs: { count: 30, unit: 'd' }, cleanEveryMs: 3_600_000, storePrompts: false },
    ],
    [
      { maximum_spend_logs_retention_period: 86_400, store_prompts_in_spend_logs: true },
      { keepLogs: { count: 86_400, unit: 's' }, cleanEveryMs: 86_400_000, storePrompts: true },
    ],
  ])('%j', (general, expected) => {
    expect(readLedgerSettings(general)).toEqual(expected)
  })

  it('are refused where a time is none', () => {
    expect(() => readLedgerSettings({ maximum_spend_logs_retention_period: 'a while' })).toThrow(
      'general_settings.maximum_spend_logs_retention_period',
    )
  })
})
