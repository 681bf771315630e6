import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The built programs, at real terminals (tmux). Not part of `npm test`: it needs tmux, and time.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['test-tmux/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    reporters: ['default', '@parley/vitest-config/reporter'],
  },
});
