/** Where Redis is, as `scripts/services.sh` says. */
export function redisUrl(): string {
  const url = process.env['SWITCHYARD_TEST_REDIS_URL']
  if (url === undefined || url === '')
    throw new Error(
      'SWITCHYARD_TEST_REDIS_URL is not set. Run `npm test`, or `eval "$(scripts/services.sh start <folder>)"`.',
    )
  return url
}
