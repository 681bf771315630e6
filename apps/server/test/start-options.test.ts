import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('however the program is started, Node has the options that it needs', () => {
  const [firstLine = ''] = read('../src/main.ts').split('\n');
  const options = firstLine.split(' node ')[1];
  expect(options).toMatch(/^--max-semi-space-size=\d+$/);
  expect(read('../package.json')).toContain(`"start": "node ${options} dist/main.js"`);
  expect(read('../../../tooling/dev.mjs')).toContain(`run: ['${options}', 'apps/server/dist/main.js']`);
  // Who measures it, or starts it by hand, does as the program does.
  expect(read('../../../tooling/bench/src/chat/chat-peer.ts')).toContain(`'${options}'`);
  expect(read('../../../docs/operating.md')).toContain(`node ${options} apps/server/dist/main.js`);
});
