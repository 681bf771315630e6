import { posix } from 'node:path';
import ts from 'typescript';
import type { TextFile, WorkspacePackage } from './repository.ts';

/** Which of our packages the shipped code of a package may import. Everything else of ours is forbidden there. */
const ALLOWED_IMPORTS: Record<string, readonly string[]> = {
  'packages/protocol': [],
  'packages/rudp': [],
  'packages/folders': ['@parley/protocol'],
  'packages/threads': [],
  'packages/server-core': ['@parley/folders', '@parley/protocol', '@parley/rudp', '@parley/threads'],
  'packages/client-core': ['@parley/folders', '@parley/protocol', '@parley/rudp', '@parley/threads'],
  'apps/server': ['@parley/server-core', '@parley/client-core'],
  'apps/cli-client': ['@parley/server-core', '@parley/client-core'],
};

/** Folders without I/O: they import no Node module, and no file outside of themselves. */
const PURE_FOLDERS = [
  'packages/protocol/src',
  'packages/rudp/src/core',
  'packages/server-core/src/domain',
  'packages/client-core/src/domain',
  'tooling/netsim/src',
];

/** One sentence for every import that goes against the direction of the layers. */
export function findForbiddenImports(files: readonly TextFile[]): string[] {
  return files.flatMap((file) =>
    findImports(file.text)
      .map((imported) => forbiddenImport(file.path, imported))
      .filter((problem) => problem !== undefined),
  );
}

/** One sentence for every dependency of a manifest that goes against the direction of the layers. */
export function findForbiddenDependencies(packages: readonly WorkspacePackage[]): string[] {
  const toolingNames = new Set(
    packages.filter(({ folder }) => folder.startsWith('tooling/')).map(({ manifest }) => manifest.name),
  );
  return packages.flatMap(({ folder, manifest }) => {
    if (folder.startsWith('tooling/')) return [];
    const allowed = ALLOWED_IMPORTS[folder];
    if (!allowed) return [`${folder} has no entry in the table of allowed imports`];
    const isOurs = (name: string) => name.startsWith('@parley/');
    const shipped = {
      ...manifest.dependencies,
      ...manifest.optionalDependencies,
      ...manifest.peerDependencies,
    };
    return [
      ...Object.keys(shipped).filter((name) => isOurs(name) && !allowed.includes(name)),
      ...Object.keys(manifest.devDependencies ?? {}).filter(
        (name) => isOurs(name) && !allowed.includes(name) && !toolingNames.has(name),
      ),
    ].map((name) => `${folder} must not depend on ${name}`);
  });
}

/** A module that a file imports, re-exports or loads dynamically, as written there. */
interface Import {
  name: string;
  isTypeOnly: boolean;
}

function findImports(text: string): Import[] {
  const names = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const valueNames = [...text.matchAll(/^(?:import|export)\s+(type\s)?[^'";]*?['"]([^'"]+)['"]/gm)]
    .filter((match) => match[1] === undefined)
    .map((match) => match[2]);
  const typeNames = [...text.matchAll(/^(?:import|export)\s+type\s[^'";]*?\sfrom\s+['"]([^'"]+)['"]/gm)].map(
    (match) => match[1],
  );
  return names.map((name) => ({ name, isTypeOnly: typeNames.includes(name) && !valueNames.includes(name) }));
}

function forbiddenImport(path: string, { name, isTypeOnly }: Import): string | undefined {
  const problem = `${path} must not import ${name}`;
  const pureFolder = PURE_FOLDERS.find((folder) => path.startsWith(`${folder}/`));
  if (name.startsWith('.')) {
    const target = posix.join(posix.dirname(path), name);
    const [top, packageName] = path.split('/');
    if (!target.startsWith(`${top}/${packageName}/`)) return `${problem}: it leaves the package`;
    if (!pureFolder || target.startsWith(`${pureFolder}/`)) return undefined;
    // A port may be described beside the folder; the driver may not even lend its types.
    return isTypeOnly && !target.includes('/src/node/') ? undefined : `${problem}: it leaves the pure folder`;
  }
  if (pureFolder && name.startsWith('node:')) return `${problem}: a pure folder has no I/O`;
  if (name === 'pino' && path.startsWith('packages/')) return `${problem}: only programs log`;
  return isForbiddenPackage(path, name) ? problem : undefined;
}

function isForbiddenPackage(path: string, name: string): boolean {
  const [top, packageName, part] = path.split('/');
  if (!name.startsWith('@parley/') || top === 'tooling') return false;
  const importedPackage = name.split('/').slice(0, 2).join('/');
  // An example shows what a stranger would write.
  if (part === 'examples' && importedPackage === `@parley/${packageName}`) return false;
  if (ALLOWED_IMPORTS[`${top}/${packageName}`]?.includes(importedPackage)) return false;
  // Tests and configuration may use our tooling, shipped code may not.
  const isShipped = part === 'src' && !path.endsWith('.test.ts');
  const isLayer = Object.keys(ALLOWED_IMPORTS).some(
    (folder) => importedPackage === `@parley/${posix.basename(folder)}`,
  );
  return isShipped || isLayer;
}
