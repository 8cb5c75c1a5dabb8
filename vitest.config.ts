import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Half of the time went into loading the same modules for each file. What a test changes outside of its file, it puts
    // back; what must close after the file is given to `afterFile`.
    isolate: false,
    // Vitest leaves one core to itself, which is half of a machine with two.
    maxWorkers: availableParallelism(),
    setupFiles: ['tests/support/repeatable.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
}) as ReturnType<typeof defineConfig>
