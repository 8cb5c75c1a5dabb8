import { watchKeys } from '../http/json-scanner.ts'
import type { KeyWatch } from '../http/json-scanner.ts'

/** Names under which clients give media by address. Bodies without any are not looked into. */
export const MEDIA_KEYS: KeyWatch = watchKeys(['image_url', 'file_data', 'file_url', 'url'])
