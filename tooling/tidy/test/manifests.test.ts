import { expect, test } from 'vitest';
import { findManifestProblems } from '../src/manifests.ts';
import { readPackages, readRootManifest } from '../src/repository.ts';

const rootManifest = readRootManifest();
const packages = readPackages();

test.each(packages)('$folder/package.json has the fields that all have', (workspacePackage) => {
  expect(findManifestProblems(workspacePackage, rootManifest)).toEqual([]);
});

test('all libraries have one version', () => {
  const libraries = packages.filter(({ folder }) => folder.startsWith('packages/'));
  expect(new Set(libraries.map(({ manifest }) => manifest.version)).size).toBe(1);
});

test('reports wrong fields', () => {
  const protocol = packages.find(({ folder }) => folder === 'packages/protocol');
  if (!protocol) throw new Error('expected packages/protocol to exist');
  const problemsWith = (change: object) =>
    findManifestProblems({ ...protocol, manifest: { ...protocol.manifest, ...change } }, rootManifest).length;
  expect(problemsWith({})).toBe(0);
  expect(problemsWith({ license: 'ISC' })).toBe(1);
  expect(problemsWith({ engines: { node: '>=18' } })).toBe(1);
  expect(problemsWith({ publishConfig: {} })).toBe(1);
  const { exports } = protocol.manifest;
  const source = { '@parley/source': './src/pure.ts' };
  expect(problemsWith({ exports: { ...exports, './pure': source } })).toBe(0);
  expect(problemsWith({ exports: { ...exports, './pure': { ...source, default: './dist/pure.js' } } })).toBe(
    1,
  );
  expect(problemsWith({ dependencies: { pino: '^10.0.0' } })).toBe(1);
  expect(problemsWith({ dependencies: { '@parley/rudp': '^1.0.0' } })).toBe(1);
});
