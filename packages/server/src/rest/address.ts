/** An address may carry a password or a key in its query; what is shown carries neither. */
export function withoutSecrets(address: string): string {
  const url = URL.parse(address)
  if (url === null) return ''
  return `${url.origin}${url.pathname === '/' ? '' : url.pathname}`
}
