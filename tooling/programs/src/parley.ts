import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The programs of this repository. */
export type ParleyProgram = 'server' | 'cli-client';

/** The command that runs a TypeScript file with the sources of our packages, which need no build. */
export function sourceCommand(file: URL): readonly string[] {
  const flags = ['--conditions=@parley/source', '--disable-warning=ExperimentalWarning'];
  return [process.execPath, ...flags, fileURLToPath(file)];
}

/** The command that runs one of our programs from its sources. */
export function parleySourceCommand(program: ParleyProgram): readonly string[] {
  return sourceCommand(new URL(`../../../apps/${program}/src/main.ts`, import.meta.url));
}

/**
 * The environment of a program that shall know nothing of ours: only where programs are, and where Node keeps what it has made of sources,
 * without which each start takes three times as long.
 */
export function bareEnvironment(): Readonly<Record<string, string>> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  return NODE_COMPILE_CACHE === undefined ? { PATH } : { PATH, NODE_COMPILE_CACHE };
}

/** The command that runs one of our programs as it was built. Throws an Error when it was not. */
export function parleyCommand(program: ParleyProgram): readonly string[] {
  const file = fileURLToPath(new URL(`../../../apps/${program}/dist/main.js`, import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is not built: run pnpm build`);
  return [process.execPath, file];
}
