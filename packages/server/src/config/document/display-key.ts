/**
 * A key as it may be printed. In `{api_key:sk-…}` the missing space makes the secret a part of the key, so
 * everything from the first colon on is left out, and so are very long keys.
 */
export function displayKey(key: string): string {
  const name = key.split(/[:=\s]/)[0] ?? ''
  if (/^(sk-|gsk_|AKIA|AIza|ghp_|xai-|pplx-|hf_)/.test(key) || name.length > 80) return '[redacted]'
  return name === key ? key : `${name}…`
}
