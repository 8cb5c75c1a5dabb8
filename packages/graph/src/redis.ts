export { aesCipher } from './checkpoint/cipher.ts'
export type { AesKeys } from './checkpoint/cipher.ts'
export { RedisSaver } from './checkpoint/redis.ts'
export type { RedisSaverOptions } from './checkpoint/redis.ts'
