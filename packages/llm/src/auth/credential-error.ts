/** Credentials are missing, malformed or refused. Neither field ever holds a secret. */
export class CredentialError extends Error {
  override readonly name = 'CredentialError'
  /** What is wrong. */
  readonly what: string
  readonly howToFix: string
  /** Whether the same credentials may be accepted later, as the service that checks them failed. */
  readonly retryable: boolean

  constructor(what: string, howToFix: string, retryable: boolean = false) {
    super(`${what}. ${howToFix}`)
    this.what = what
    this.howToFix = howToFix
    this.retryable = retryable
  }
}
