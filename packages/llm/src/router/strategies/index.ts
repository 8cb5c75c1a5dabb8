export { simpleShuffle } from './simple-shuffle.ts'
