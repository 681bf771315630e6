import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { patternBytes } from './node/loopback.ts';

const folder = fileURLToPath(new URL('..', import.meta.url));

async function run(parameters: readonly string[]): Promise<string> {
  const flags = ['--conditions=@parley/source', ...parameters];
  const { stdout } = await promisify(execFile)(process.execPath, flags, { cwd: folder });
  return stdout;
}

test('the echo example echoes', async () => {
  expect(await run(['examples/echo.ts', 'ping', 'pong'])).toBe('ping pong\n');
});

test('the file-copy example copies a file', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'parley-rudp-'));
  onTestFinished(() => rmSync(temporary, { recursive: true }));
  const bytes = patternBytes(3_000_000);
  const [source, target] = [join(temporary, 'source'), join(temporary, 'target')];
  writeFileSync(source, bytes);
  expect(await run(['examples/file-copy.ts', source, target])).toBe('3000000 bytes\n');
  expect(readFileSync(target).equals(bytes)).toBe(true);
});

test.each(['echo', 'file-copy'])('the %s example is short', (name) => {
  expect(readFileSync(join(folder, 'examples', `${name}.ts`), 'utf8').split('\n').length).toBeLessThan(30);
});

test('the example of the README prints what the README says', async () => {
  const readme = readFileSync(`${folder}README.md`, 'utf8');
  const [, example, output] = /```ts\n([\s\S]*?)```[\s\S]*?```text\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(await run(['--input-type=module-typescript', '--eval', example ?? ''])).toBe(output);
});
