/**
 * Takes what looks like a credential out of a provider's words: some services quote the key that they
 * refuse. A few characters stay at the front, so that an operator can tell which key it was.
 */
export function scrub(text: string): string {
  return text
    .replaceAll(
      /\b(sk-|sk_|gsk_|xai-|pplx-|hf_|AIza|AKIA|ASIA|ya29\.|eyJ)[\w*.-]{6,}/g,
      (match, prefix: string) => {
        return match.includes('*') ? match : `${prefix}[redacted]`
      },
    )
    .replaceAll(/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, '$1 [redacted]')
    .replaceAll(/([?&](?:key|api_key|access_token|sig|signature)=)[^&\s"']+/gi, '$1[redacted]')
}
