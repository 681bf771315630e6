import { posix } from 'node:path';
import type { Manifest, WorkspacePackage } from './repository.ts';

const SOURCE_CONDITION = '@parley/source';

/** One sentence for every field of a manifest that differs from what all packages of its kind have. */
export function findManifestProblems(
  { folder, manifest }: WorkspacePackage,
  rootManifest: Manifest,
): string[] {
  const expectations: [string, boolean][] = [
    [`name is @parley/${posix.basename(folder)}`, manifest.name === `@parley/${posix.basename(folder)}`],
    ['version is set', /^\d+\.\d+\.\d+/.test(manifest.version ?? '')],
    ['description is set', Boolean(manifest.description)],
    [`license is ${rootManifest.license}`, manifest.license === rootManifest.license],
    ['type is module', manifest.type === 'module'],
    ['our packages are taken as workspace:*', ownRanges(manifest).every((range) => range === 'workspace:*')],
    [
      'other packages are taken from the catalog',
      otherRanges(manifest).every((range) => range === 'catalog:'),
    ],
    ['private is set unless it is a library', folder.startsWith('packages/') !== (manifest.private === true)],
  ];
  if (!folder.startsWith('tooling/')) expectations.push(...shippedExpectations(manifest, rootManifest));
  if (folder.startsWith('packages/')) {
    expectations.push([
      'exports has the source condition first, and publishConfig.exports is the same without it',
      hasMatchingExports(manifest),
    ]);
  }
  return expectations
    .filter(([, holds]) => !holds)
    .map(([expectation]) => `${folder}/package.json: expected that ${expectation}`);
}

function shippedExpectations(manifest: Manifest, rootManifest: Manifest): [string, boolean][] {
  return [
    [`author is ${rootManifest.author}`, manifest.author === rootManifest.author],
    ['engines are those of the repository', manifest.engines?.node === rootManifest.engines?.node],
    ['sideEffects is false', manifest.sideEffects === false],
    ['files is [dist]', JSON.stringify(manifest.files) === '["dist"]'],
    ['build and typecheck are scripts', Boolean(manifest.scripts?.build && manifest.scripts?.typecheck)],
  ];
}

function hasMatchingExports({ exports = {}, publishConfig }: Manifest): boolean {
  const entries = Object.values(exports).filter((entry) => typeof entry !== 'string');
  if (entries.length === 0 || entries.some((entry) => Object.keys(entry)[0] !== SOURCE_CONDITION))
    return false;
  const stripped: Record<string, unknown> = {};
  for (const [name, entry] of Object.entries(exports)) {
    if (typeof entry === 'string') stripped[name] = entry;
    else {
      const { [SOURCE_CONDITION]: _, ...published } = entry;
      // What has nothing but its source is for this repository alone.
      if (Object.keys(published).length > 0) stripped[name] = published;
    }
  }
  return JSON.stringify(stripped) === JSON.stringify(publishConfig?.exports);
}

function allDependencies(manifest: Manifest): [string, string][] {
  return Object.entries({
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.optionalDependencies,
  });
}

function ownRanges(manifest: Manifest): string[] {
  return allDependencies(manifest).flatMap(([name, range]) => (name.startsWith('@parley/') ? [range] : []));
}

function otherRanges(manifest: Manifest): string[] {
  return allDependencies(manifest).flatMap(([name, range]) => (name.startsWith('@parley/') ? [] : [range]));
}
