import fc from 'fast-check'
import { afterAll } from 'vitest'
import { endFile } from '../../packages/server/src/store/testing/after-file.ts'

/** The same examples in every run, a test that fails on one machine fails on all; other ones by their number. */
fc.configureGlobal({ seed: Number(process.env['SWITCHYARD_TEST_SEED'] ?? 20_261_121) })

afterAll(endFile)
