export type BodyErrorCode =
  | 'invalid_json'
  | 'invalid_body'
  | 'json_too_deep'
  | 'duplicate_key'
  | 'invalid_key'
  | 'invalid_encoding'
  | 'invalid_unicode'
  | 'limit_exceeded'
  | 'invalid_content_encoding'
  | 'client_closed_request'
  | 'request_timeout'
  | 'request_too_large'
  | 'unsupported_media_type'
  | 'unsupported_encoding'

/** Every way a body can be refused before anybody has looked at what it asks for, with the HTTP status. */
export const BODY_ERRORS: Readonly<Record<BodyErrorCode, number>> = {
  invalid_json: 400,
  invalid_body: 400,
  json_too_deep: 400,
  duplicate_key: 400,
  invalid_key: 400,
  invalid_encoding: 400,
  invalid_unicode: 400,
  limit_exceeded: 400,
  invalid_content_encoding: 400,
  request_timeout: 408,
  request_too_large: 413,
  unsupported_media_type: 415,
  unsupported_encoding: 415,
  client_closed_request: 499,
}

/** Thrown for a body that cannot be used. The message never repeats what the body said, but for names of keys. */
export class BodyError extends Error {
  readonly code: BodyErrorCode
  /** HTTP status to answer with. */
  readonly status: number
  /** The member it is about: `messages[0].content`. */
  readonly param: string | undefined

  constructor(code: BodyErrorCode, message: string, param?: string) {
    super(message)
    this.name = 'BodyError'
    this.code = code
    this.status = BODY_ERRORS[code]
    this.param = param
  }

  /** Part of the body was left unread: the answer must carry `connection: close`. */
  get closeConnection(): boolean {
    return this.status === 413 || this.status === 408 || this.status === 499
  }
}
