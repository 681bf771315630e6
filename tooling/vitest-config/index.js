// @ts-check
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The built-in conditions have to be repeated: setting `conditions` replaces them.
const conditions = ['@parley/source', 'module', 'node', 'development|production'];

// Tests start programs and threads from their sources: what Node has made of these is kept, which spares half of each start and more.
const compileCache = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

/**
 * Settings of one package's tests; they run from source and need no build.
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
      env: { NODE_COMPILE_CACHE: compileCache },
      // For tests that hang: nothing waits for the clock, but on a machine with much other work each turn can take seconds.
      testTimeout: 120_000,
      hookTimeout: 60_000,
      // Vitest leaves one core free, which on two cores means one file after the other.
      maxWorkers: '100%',
      retry: 0,
      restoreMocks: true,
      ...test,
    },
  });
}

/** Tests that replace a module (`vi.mock`) or the clock (`vi.useFakeTimers`): others must not get it, nor they what is left over from others. */
const isolatedTests = 'test/isolated/**/*.test.ts';

/**
 * Settings of tests whose files share their processes, which is a third faster.
 * @param {string} name
 */
export function sharingProject(name) {
  return project(name, { isolate: false, exclude: [isolatedTests] });
}

/**
 * Settings of the tests of the same package that do not.
 * @param {string} name
 */
export function isolatedProject(name) {
  return project(`${name}-isolated`, { include: [isolatedTests] });
}
