// @ts-check
import { defineConfig } from 'tsup';

/** @satisfies {import('tsup').Options} */
const shared = {
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  clean: true,
  // `node:sqlite` and others exist only under their full name.
  removeNodeProtocol: false,
  // Declarations come from tsc itself, which is several times faster.
  dts: false,
  // Workspace packages are resolved through node_modules when the code runs.
  external: [/^@parley\//],
};

/**
 * A published package: every entry becomes `dist/<name>.js`; shared code lands in chunks beside them.
 * @param {Record<string, string>} entry
 */
export function library(entry = { index: 'src/index.ts' }) {
  return defineConfig({ ...shared, entry, splitting: true });
}

/**
 * A program: one executable `dist/main.js`.
 * @param {Record<string, string>} entry
 */
export function app(entry = { main: 'src/main.ts' }) {
  return defineConfig({ ...shared, entry, splitting: true });
}
