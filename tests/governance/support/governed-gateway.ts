import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Accounts } from '../../../packages/server/src/accounts.ts'
import { openGovernance } from '../../../packages/server/src/governance.ts'
import type { Governance } from '../../../packages/server/src/governance.ts'
import { startTestGateway } from '../../clients/support/gateway.ts'
import type { GatewayOptions, TestGateway } from '../../clients/support/gateway.ts'
import { createAdmin } from './admin.ts'
import type { Admin } from './admin.ts'

export interface GovernedOptions extends Omit<GatewayOptions, 'govern'> {
  /** PostgreSQL; left out: SQLite in the data directory. `postgresPlace()` makes a schema of its own. */
  databaseUrl?: string | undefined
  redisUrl?: string | undefined
  /** Where journals and SQLite's file are; left out: a new folder, gone when the gateway is closed. */
  dataDirectory?: string | undefined
}

/** A gateway in this process with keys, budgets and a ledger, in front of a scripted provider. */
export interface GovernedGateway extends TestGateway, Admin {
  governance: Governance
  /** By the rules of its first configuration. */
  accounts: Accounts
  dataDirectory: string
}

export async function startGovernedGateway(options: GovernedOptions = {}): Promise<GovernedGateway> {
  const { databaseUrl, redisUrl, environment, ...rest } = options
  const made = options.dataDirectory === undefined
  const dataDirectory = options.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'switchyard-governed-')))
  const opened = Promise.withResolvers<Pick<GovernedGateway, 'governance' | 'accounts'>>()
  const gateway = await startTestGateway({
    ...rest,
    environment: {
      ...environment,
      ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
    },
    govern: async (config, log) => {
      const governance = await openGovernance({
        config,
        dataDirectory,
        log,
        nowMs: Date.now,
        newId: randomUUID,
      })
      opened.resolve({ governance, accounts: governance.accountsOf(config) })
      return governance
    },
  })
  const { governance, accounts } = await opened.promise
  return {
    ...gateway,
    ...createAdmin({ ...gateway, flush: governance.ledger.flush }),
    governance,
    accounts,
    dataDirectory,
    close: async () => {
      await gateway.close()
      if (made) await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
