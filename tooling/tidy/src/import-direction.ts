import { posix } from 'node:path';
import ts from 'typescript';
import type { TextFile, WorkspacePackage } from './repository.ts';

/** Which of our packages the shipped code of a package may import. Everything else of ours is forbidden there. */
const allowedImports: Record<string, readonly string[]> = {
  'packages/protocol': [],
  'packages/rudp': [],
  'packages/server-core': ['@parley/protocol', '@parley/rudp'],
  'packages/client-core': ['@parley/protocol', '@parley/rudp'],
  'apps/server': ['@parley/server-core', '@parley/client-core'],
  'apps/cli-client': ['@parley/server-core', '@parley/client-core'],
};

/** Folders without I/O: they import no Node module, and no file outside of themselves. */
const pureFolders = [
  'packages/protocol/src',
  'packages/rudp/src/core',
  'packages/server-core/src/domain',
  'packages/client-core/src/domain',
  'tooling/netsim/src',
];

/** One sentence for every import that goes against the direction of the layers. */
export function findForbiddenImports(files: readonly TextFile[]): string[] {
  return files.flatMap((file) =>
    importedNames(file.text)
      .map((name) => forbiddenImport(file.path, name))
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
    const allowed = allowedImports[folder];
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

/** Every module that a file imports, re-exports or loads dynamically, as written there. */
function importedNames(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

function forbiddenImport(path: string, name: string): string | undefined {
  const [top, packageName, part] = path.split('/');
  const owner = `${top}/${packageName}`;
  const problem = `${path} must not import ${name}`;
  const pureFolder = pureFolders.find((folder) => path.startsWith(`${folder}/`));
  if (name.startsWith('.')) {
    const target = posix.join(posix.dirname(path), name);
    if (!target.startsWith(`${owner}/`)) return `${problem}: it leaves the package`;
    return pureFolder && !target.startsWith(`${pureFolder}/`)
      ? `${problem}: it leaves the pure folder`
      : undefined;
  }
  if (pureFolder && name.startsWith('node:')) return `${problem}: a pure folder has no I/O`;
  if (name === 'pino' && top === 'packages') return `${problem}: only programs log`;
  if (!name.startsWith('@parley/') || top === 'tooling') return undefined;
  const importedPackage = name.split('/').slice(0, 2).join('/');
  const allowed = allowedImports[owner] ?? [];
  if (allowed.includes(importedPackage)) return undefined;
  // Tests and configuration may use our tooling, shipped code may not.
  const isShipped = part === 'src' && !path.endsWith('.test.ts');
  const isLayer = Object.keys(allowedImports).some(
    (folder) => importedPackage === `@parley/${posix.basename(folder)}`,
  );
  return isShipped || isLayer ? problem : undefined;
}
