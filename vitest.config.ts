import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    setupFiles: ['tests/support/repeatable.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
}) as ReturnType<typeof defineConfig>
