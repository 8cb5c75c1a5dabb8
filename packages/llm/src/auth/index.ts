export { bearer } from './bearer.ts'
export { headerKey } from './header-key.ts'
export type { HeaderKeyOptions } from './header-key.ts'
