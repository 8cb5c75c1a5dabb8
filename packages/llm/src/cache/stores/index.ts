export { disk } from './disk.ts'
export { memory } from './memory.ts'
export { redis } from './redis.ts'
export { s3 } from './s3.ts'
