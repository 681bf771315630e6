import { expect, test } from 'vitest';
import { findForbiddenDependencies, findForbiddenImports } from '../src/import-direction.ts';
import { readPackages, readSources } from '../src/repository.ts';

test('no file imports against the direction of the layers', () => {
  expect(findForbiddenImports(readSources())).toEqual([]);
});

test('no manifest declares a dependency against the direction of the layers', () => {
  expect(findForbiddenDependencies(readPackages())).toEqual([]);
});

test.each([
  ['packages/protocol/src/frame.ts', "import { x } from '@parley/rudp';"],
  ['packages/rudp/src/node/socket.ts', "export { x } from '@parley/protocol';"],
  ['packages/server-core/src/node/a.ts', "import type { x } from '@parley/client-core';"],
  ['packages/server-core/test/a.test.ts', "import { x } from '@parley/client-core';"],
  ['packages/client-core/src/a.ts', "const x = await import('@parley/server');"],
  ['packages/rudp/src/core/a.ts', "import { x } from '../node/endpoint.ts';"],
  ['packages/rudp/src/core/a.ts', "import { createHash } from 'node:crypto';"],
  ['packages/server-core/src/domain/a.ts', "import { x } from '../node/transfers.ts';"],
  ['packages/server-core/src/domain/a.ts', "import { x } from '../transfers/host.ts';"],
  ['packages/server-core/src/domain/a.ts', "import type { X } from '../t.ts';\nexport { x } from '../t.ts';"],
  ['packages/server-core/src/domain/a.ts', "import type { x } from '../node/transfers.ts';"],
  ['packages/rudp/src/core/a.ts', "import type { x } from '../node/endpoint.ts';"],
  ['packages/rudp/src/node/a.ts', "import { x } from '@parley/netsim';"],
  ['packages/rudp/src/node/a.ts', "import { x } from '../../../protocol/src/index.ts';"],
  ['packages/rudp/test/a.test.ts', "import { x } from '../../protocol/src/index.ts';"],
  ['packages/rudp/examples/a.ts', "import { x } from '@parley/protocol';"],
  ['apps/server/src/a.ts', "import { x } from '@parley/rudp';"],
  ['apps/server/src/a.ts', "import { x } from '@parley/netsim';"],
  ['packages/server-core/src/a.ts', "import pino from 'pino';"],
])('%s must not contain: %s', (path, text) => {
  expect(findForbiddenImports([{ path, text }])).not.toEqual([]);
});

test.each([
  ['packages/server-core/src/domain/a.ts', "import { x } from '@parley/rudp/core';"],
  ['packages/server-core/src/domain/a.ts', "import type { X } from '../transfers/host.ts';"],
  ['packages/server-core/src/domain/a.ts', "import type {\n  X,\n} from '../transfers/host.ts';"],
  ['packages/rudp/src/node/a.ts', "import { x } from '../core/index.ts';"],
  [
    'packages/rudp/test/a.test.ts',
    "import { x } from '@parley/netsim';\nimport { y } from '../src/index.ts';",
  ],
  ['packages/rudp/vitest.config.ts', "import { project } from '@parley/vitest-config';"],
  ['packages/rudp/examples/a.ts', "import { x } from '@parley/rudp';"],
  ['apps/server/src/a.ts', "import pino from 'pino';\nimport { x } from '@parley/server-core';"],
  ['tooling/simulator/src/a.ts', "import { x } from '@parley/server-core';"],
  ['packages/protocol/src/a.ts', "// import { x } from '@parley/rudp';"],
])('%s may contain: %s', (path, text) => {
  expect(findForbiddenImports([{ path, text }])).toEqual([]);
});

test('reports a forbidden dependency of a manifest', () => {
  const manifest = { name: '@parley/protocol', dependencies: { '@parley/rudp': 'workspace:*' } };
  expect(findForbiddenDependencies([{ folder: 'packages/protocol', manifest }])).toEqual([
    'packages/protocol must not depend on @parley/rudp',
  ]);
});
