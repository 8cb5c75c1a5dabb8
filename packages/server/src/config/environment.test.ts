import { describe, expect, it } from 'vitest'
import { readEnvironment } from './environment.ts'
import type { EnvironmentSettings } from './environment.ts'

describe('readEnvironment', () => {
  const cases: [variables: Record<string, string>, expected: EnvironmentSettings][] = [
    [{}, {}],
    [
      { PORT: '8080', SWITCHYARD_HOST: '0.0.0.0' },
      { port: 8080, host: '0.0.0.0' },
    ],
    [
      { SWITCHYARD_PORT: '1', PORT: '2', SWITCHYARD_HOST: 'a', HOST: 'b' },
      { port: 1, host: 'a' },
    ],
    [{ PORT: '0' }, { port: 0 }],
    [{ PORT: ' ' }, {}],
    [{ CONFIG_FILE_PATH: 'c.yaml' }, { configPath: 'c.yaml' }],
    [{ SWITCHYARD_CONFIG: 's.yaml', CONFIG_FILE_PATH: 'c.yaml' }, { configPath: 's.yaml' }],
    [{ SWITCHYARD_DATA: '/data' }, { dataDirectory: '/data' }],
    [{ LOG_LEVEL: 'WARNING' }, { logLevel: 'warn' }],
    [{ LITELLM_LOG: 'DEBUG' }, { logLevel: 'debug' }],
    [{ LITELLM_DROP_PARAMS: 'True' }, { dropParams: true }],
    [{ LITELLM_DROP_PARAMS: '0' }, { dropParams: false }],
    [{ SWITCHYARD_HOLD_LEASE_MS: '5000' }, { holdLeaseMs: 5_000 }],
    [{ REDIS_SOCKET_TIMEOUT: '0.25' }, { redisTimeoutMs: 250 }],
    [
      { SWITCHYARD_CORS_ORIGINS: 'https://a.example, http://localhost:3000' },
      { corsOrigins: ['https://a.example', 'http://localhost:3000'] },
    ],
  ]

  it.each(cases)('%j', (variables, expected) => {
    const { settings, problems } = readEnvironment(variables)
    expect(settings).toEqual(expected)
    expect(problems).toEqual([])
  })

  it('prefers our own name of the master key, keeps it secret and knows where it came from', () => {
    const { settings, sources } = readEnvironment({
      LITELLM_MASTER_KEY: 'sk-b',
      SWITCHYARD_MASTER_KEY: 'sk-a',
    })
    expect(settings.masterKey?.reveal()).toBe('sk-a')
    expect(JSON.stringify(settings)).not.toContain('sk-a')
    expect(sources).toEqual({ masterKey: 'SWITCHYARD_MASTER_KEY' })
  })

  it('makes the address of the database from its parts', () => {
    const parts = {
      DATABASE_HOST: 'db:5433',
      DATABASE_USERNAME: 'me',
      DATABASE_PASSWORD: 'a/b@c',
      DATABASE_NAME: 'gw',
    }
    expect(readEnvironment(parts).settings.databaseUrl?.reveal()).toBe('postgresql://me:a%2Fb%40c@db:5433/gw')
    const { settings, sources } = readEnvironment({ ...parts, DATABASE_URL: 'postgres://other/db' })
    expect(settings.databaseUrl?.reveal()).toBe('postgres://other/db')
    expect(sources).toEqual({ databaseUrl: 'DATABASE_URL' })
  })

  it.each([
    [
      { DATABASE_URL: 'mysql://db/x' },
      'DATABASE_URL: expected postgresql://user:password@host:5432/database',
    ],
    [{ DATABASE_HOST: 'db' }, 'DATABASE_HOST: needs DATABASE_USERNAME and DATABASE_NAME beside it'],
    [{ PORT: '70000' }, 'PORT: expected a port from 0 to 65535'],
    [{ PORT: 'tcp://10.0.0.1:80' }, 'PORT: expected a port from 0 to 65535'],
    [
      { LOG_LEVEL: 'loud' },
      'LOG_LEVEL: expected one of trace, debug, info, warn, warning, error, fatal, critical, silent, off',
    ],
    ...['*', 'a.example', 'https://a.example/'].map((origins): [Record<string, string>, string] => [
      { SWITCHYARD_CORS_ORIGINS: origins },
      'SWITCHYARD_CORS_ORIGINS: expected origins separated by commas, for example https://app.example.com',
    ]),
    [{ REDIS_SOCKET_TIMEOUT: '0' }, 'REDIS_SOCKET_TIMEOUT: expected seconds, such as 0.05'],
    [{ SWITCHYARD_HOLD_LEASE_MS: '100' }, 'SWITCHYARD_HOLD_LEASE_MS: expected milliseconds, 500 at least'],
    [{ LITELLM_DROP_PARAMS: 'perhaps' }, 'LITELLM_DROP_PARAMS: expected true or false'],
  ])('%j is a problem', (variables: Record<string, string>, problem) => {
    const { settings, problems } = readEnvironment(variables)
    expect(problems).toEqual([problem])
    expect(settings).toEqual({})
  })
})
