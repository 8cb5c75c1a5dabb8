import { join } from 'node:path'
import type { GatewaySettings } from '../../config/index.ts'
import type { DatabaseInput } from '../../store/database.ts'

/** Which database the settings name: PostgreSQL, or else a file in the data directory. */
export function databaseOf(
  settings: GatewaySettings,
  dataDirectory: string,
): Pick<DatabaseInput, 'url' | 'file' | 'limits'> {
  return {
    url: settings.databaseUrl,
    file: settings.databaseUrl === undefined ? join(dataDirectory, 'switchyard.db') : undefined,
    limits: {
      connections: settings.databaseConnections,
      connectTimeoutMs: settings.databaseConnectTimeoutMs,
      statementTimeoutMs: settings.databaseStatementTimeoutMs,
    },
  }
}
