import type { ViteUserConfig } from 'vitest/config';

/** Settings of one package's tests; they run from source and need no build. */
export function project(name: string, test?: ViteUserConfig['test']): ViteUserConfig;
/** The same for tests whose files share their processes; those in `test/isolated` are not among them. */
export function sharingProject(name: string): ViteUserConfig;
/** The same for those: they replace a module or the clock. */
export function isolatedProject(name: string): ViteUserConfig;
