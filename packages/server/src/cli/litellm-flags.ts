/** A flag of LiteLLM's command line that does not do here what it does there. */
export interface LitellmFlag {
  /** As commander reads it. */
  flag: string
  /** What to know or do instead. */
  note: string
}

/** Taken without effect, with the note printed, so that an old start script still starts. */
export const ignoredFlags: readonly LitellmFlag[] = [
  {
    flag: '--num_workers <count>',
    note: 'one process serves all requests; start more instances to use more cores',
  },
  { flag: '--telemetry <flag>', note: 'nothing is reported to anybody' },
  { flag: '--use_queue', note: 'requests are not queued' },
  {
    flag: '--log_config <file>',
    note: 'set LOG_LEVEL for the level; logs are JSON lines on standard output',
  },
  { flag: '--add_function_to_prompt', note: 'tools are sent as tools only' },
  { flag: '--local', note: 'the server is the same wherever it is installed' },
  { flag: '--run_gunicorn', note: 'there is one server, for Node' },
  { flag: '--run_hypercorn', note: 'there is one server, for Node' },
  {
    flag: '--keepalive_timeout <seconds>',
    note: 'idle connections are kept for as long as the server decides',
  },
  { flag: '--max_requests_before_restart <count>', note: 'the process does not have to be restarted' },
  { flag: '--iam_token_db_auth', note: 'the database is connected to as its address says' },
  { flag: '--use_prisma_db_push', note: 'there is no Prisma' },
  { flag: '--use_prisma_migrate', note: 'there is no Prisma' },
  { flag: '--enforce_prisma_migration_check', note: 'there is no Prisma' },
  { flag: '--use_legacy_migration_resolver', note: 'there is no Prisma' },
  { flag: '--reload', note: 'restart the server to read its configuration again' },
  { flag: '--num_requests <count>', note: 'it goes with --test_async, which is not there' },
]

/** Refused: starting without what they ask for would surprise somebody. */
export const refusedFlags: readonly LitellmFlag[] = [
  { flag: '--ssl_keyfile_path <file>', note: 'put a reverse proxy that speaks TLS in front of the server' },
  { flag: '--ssl_certfile_path <file>', note: 'put a reverse proxy that speaks TLS in front of the server' },
  { flag: '--ciphers <list>', note: 'put a reverse proxy that speaks TLS in front of the server' },
  { flag: '--max_budget <usd>', note: 'write litellm_settings.max_budget into the configuration' },
  { flag: '--add_key <key>', note: "set the provider's variable instead, for example OPENAI_API_KEY" },
  { flag: '--save', note: 'write a config.yaml and pass it with --config' },
  { flag: '--health', note: 'use `switchyard doctor`' },
  { flag: '--test', note: 'use `switchyard chat`' },
  { flag: '--test_async', note: 'use `switchyard chat`' },
  { flag: '--skip_server_startup', note: 'use `switchyard config check`' },
]

/** `--num_workers <count>` → `num_workers`. */
export function nameOfFlag({ flag }: LitellmFlag): string {
  return flag.replace(/^--/, '').split(' ')[0] ?? ''
}
