import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: ['{packages,apps,tooling}/*/vitest{,.isolated}.config.ts'],
    reporters: ['default', '@parley/vitest-config/reporter'],
  },
});
