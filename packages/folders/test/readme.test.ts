import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the example of the README prints what the README says', () => {
  const folder = fileURLToPath(new URL('..', import.meta.url));
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  const [, example, output] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  const flags = ['--conditions=@parley/source', '--input-type=module-typescript', '--eval', example ?? ''];
  expect(execFileSync(process.execPath, flags, { cwd: folder, encoding: 'utf8' })).toBe(output);
});
