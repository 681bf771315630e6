// Packs every library, checks the tarballs, and uses them in a project outside of the workspace, without the
// workspace's settings: under plain Node, and from TypeScript with every declaration file checked.
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Library {
  folder: string;
  /** `@parley/rudp` */
  name: string;
  /** What a stranger can import: `@parley/rudp`, `@parley/rudp/core`. */
  entries: string[];
  tarball: string;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const here = fileURLToPath(new URL('..', import.meta.url));
const libraries = readdirSync(join(root, 'packages'))
  .filter((folder) => existsSync(join(root, 'packages', folder, 'package.json')))
  .map((folder) => describeLibrary(folder));
let project = '';

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'parley-packaging-'));
  await Promise.all(libraries.map((library) => packLibrary(library)));
  await installLibraries();
});

afterAll(() => rm(project, { recursive: true, force: true }));

describe.each(libraries)('$name', (library) => {
  test('the tarball has what its manifest promises (publint)', async () => {
    const tarball = await readFile(library.tarball);
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(tarball).buffer },
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test('its types resolve for those who import it (attw)', async () => {
    const attw = join(here, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    await run(process.execPath, [attw, '--profile', 'esm-only', '--no-emoji', library.tarball], here);
  });

  test.each(library.entries)('%s can be imported under plain Node', async (entry) => {
    const printNames = `import(${JSON.stringify(entry)}).then((module) => console.log(Object.keys(module).length))`;
    expect(Number(await run(process.execPath, ['--eval', printNames], project))).toBeGreaterThan(0);
  });

  test('it brings everything that it was built with', () => {
    const installed = join(project, 'node_modules', library.name, 'dist');
    const built = readdirSync(join(root, 'packages', library.folder, 'dist')).filter((name) =>
      name.endsWith('.js'),
    );
    expect(readdirSync(installed)).toEqual(expect.arrayContaining(built));
  });
});

test('a TypeScript project compiles against all declaration files', async () => {
  const imports = libraries
    .flatMap(({ entries }) => entries)
    .map((entry, index) => `import * as m${index} from '${entry}';`);
  const uses = imports.map((_, index) => `console.log(m${index});`);
  await writeFile(join(project, 'main.ts'), [...imports, ...uses].join('\n'));
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    typeRoots: [join(here, 'node_modules/@types')],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
  const tsc = join(here, 'node_modules/typescript7/bin/tsc');
  await run(process.execPath, [tsc, '-p', project], project);
});

function describeLibrary(folder: string): Library {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8'));
  const { name, version, publishConfig } = manifest;
  return {
    folder,
    name,
    entries: Object.keys(publishConfig.exports)
      .filter((path) => !path.endsWith('.json'))
      .map((path) => name + path.slice(1)),
    tarball: `${name.replace('@', '').replace('/', '-')}-${version}.tgz`,
  };
}

async function packLibrary(library: Library): Promise<void> {
  const folder = join(root, 'packages', library.folder);
  if (!existsSync(join(folder, 'dist/index.js')))
    throw new Error(`expected ${library.name} to be built: run pnpm build`);
  await run('pnpm', ['pack', '--pack-destination', project], folder);
  library.tarball = join(project, library.tarball);
}

async function installLibraries(): Promise<void> {
  await writeFile(
    join(project, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  );
  const options = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', ['install', ...options, ...libraries.map(({ tarball }) => tarball)], project);
}

/** Runs a program to its end; resolves to what it printed, rejects with that when it fails. */
async function run(command: string, args: string[], cwd: string): Promise<string> {
  const options = { cwd, env: environment(), shell: process.platform === 'win32' };
  try {
    return (await promisify(execFile)(command, args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`expected ${command} ${args.join(' ')} to succeed\n${stdout}${stderr}`, { cause: error });
  }
}

/** The environment without what the running package manager, the test runner and Node options put there. */
function environment(): NodeJS.ProcessEnv {
  const keptConfig =
    /^npm_config_(registry|cache|userconfig|globalconfig|cafile|proxy|https_proxy|noproxy)$/i;
  const dropped = /^(npm_|pnpm_|vitest|node_options|node_env)/i;
  const kept = Object.entries(process.env).filter(([name]) => keptConfig.test(name) || !dropped.test(name));
  return Object.fromEntries(kept);
}
