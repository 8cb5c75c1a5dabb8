export { END, INTERRUPT, START } from './constants.ts'
