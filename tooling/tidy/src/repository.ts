import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A text file of the repository; the path is relative to the root and uses `/`. */
export interface TextFile {
  path: string;
  text: string;
}

/** The fields of a package.json that the checks look at. */
export interface Manifest {
  name?: string;
  version?: string;
  private?: boolean;
  description?: string;
  license?: string;
  author?: string;
  type?: string;
  sideEffects?: boolean;
  engines?: Record<string, string>;
  exports?: Record<string, string | Record<string, string>>;
  files?: string[];
  publishConfig?: { exports?: Record<string, string | Record<string, string>> };
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
}

/** A workspace package: its folder (`packages/rudp`) and its manifest. */
export interface WorkspacePackage {
  folder: string;
  manifest: Manifest;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', '.turbo', '.git', 'coverage']);

/** Every file below a folder of the repository whose name ends in one of `endings`; none if the folder is absent. */
export function readFiles(folder: string, endings: readonly string[]): TextFile[] {
  return pathsBelow(join(root, folder))
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .map((path) => ({ path: relative(root, path).replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));
}

/** All code of the workspace packages. */
export function readSources(): TextFile[] {
  return ['packages', 'apps', 'tooling'].flatMap((folder) =>
    readFiles(folder, ['.ts', '.tsx', '.js', '.mjs']),
  );
}

/** All packages of the workspace. */
export function readPackages(): WorkspacePackage[] {
  return ['packages', 'apps', 'tooling']
    .flatMap((folder) => readFiles(folder, ['/package.json']))
    .map(({ path, text }) => ({ folder: dirname(path), manifest: JSON.parse(text) as Manifest }))
    .filter(({ folder }) => folder.split('/').length === 2);
}

/** The manifest of the whole repository. */
export function readRootManifest(): Manifest {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
}

function pathsBelow(folder: string): string[] {
  let entries: ReturnType<typeof listFolder>;
  try {
    entries = listFolder(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name) ? pathsBelow(path) : [];
  });
}

function listFolder(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((left, right) =>
    left.name < right.name ? -1 : 1,
  );
}
