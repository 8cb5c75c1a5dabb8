/** As the id of a `RemoveMessage`: takes away all messages before it. */
export const REMOVE_ALL_MESSAGES = '__remove_all__'

/**
 * Takes the message of an id away. Recognised by its shape (`{ role: 'remove', id }`) as well, so that it survives
 * JSON and a second copy of this package.
 *
 * @example
 * return { messages: new RemoveMessage({ id: 'm1' }) }
 */
export class RemoveMessage {
  readonly role = 'remove' as const
  readonly id: string
  readonly content = ''

  constructor(fields: { readonly id: string }) {
    this.id = fields.id
  }
}
