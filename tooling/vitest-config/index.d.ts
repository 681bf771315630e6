import type { ViteUserConfig } from 'vitest/config';

/** Settings of one package's tests; they run from source and need no build. */
export function project(name: string, test?: ViteUserConfig['test']): ViteUserConfig;
