// @ts-check
import { defineConfig } from 'vitest/config';

// The built-in conditions have to be repeated: setting `conditions` replaces them.
const conditions = ['@parley/source', 'module', 'node', 'development|production'];

/**
 * Settings of one package's tests; they run from source and need no build. With `isolate: false` its files share their processes: a
 * third faster, for tests that replace neither a module (`vi.mock`) nor the clock (`vi.useFakeTimers`).
 * @param {string} name
 * @param {import('vitest/config').ViteUserConfig['test']} test
 */
export function project(name, test = {}) {
  return defineConfig({
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    test: {
      name,
      include: ['test/**/*.test.ts', 'src/**/*.test.ts'],
      environment: 'node',
      testTimeout: 30_000,
      hookTimeout: 10_000,
      // Vitest leaves one core free, which on two cores means one file after the other.
      maxWorkers: '100%',
      retry: 0,
      restoreMocks: true,
      ...test,
    },
  });
}
