import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, runReadmeExample, sourceCommand } from '@parley/programs';
import { expect, onTestFinished, test } from 'vitest';
import { patternBytes } from './node/loopback.ts';

const urlOf = (name: string) => new URL(`../examples/${name}.ts`, import.meta.url);

async function run(name: string, ...args: readonly string[]): Promise<string> {
  const program = new Program([...sourceCommand(urlOf(name)), ...args]);
  expect(await program.end).toEqual({ code: 0, signal: null });
  return program.stdout.text;
}

test('the echo example echoes', async () => {
  expect(await run('echo', 'ping', 'pong')).toBe('ping pong\n');
});

test('the file-copy example copies a file', async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'parley-rudp-'));
  onTestFinished(() => rmSync(temporary, { recursive: true }));
  const bytes = patternBytes(3_000_000);
  const [source, target] = [join(temporary, 'source'), join(temporary, 'target')];
  writeFileSync(source, bytes);
  expect(await run('file-copy', source, target)).toBe('3000000 bytes\n');
  expect(readFileSync(target).equals(bytes)).toBe(true);
});

test.each(['echo', 'file-copy'])('the %s example is short', (name) => {
  expect(readFileSync(urlOf(name), 'utf8').split('\n').length).toBeLessThan(40);
});

test('the example of the README prints what the README says', async () => {
  const { printed, promised, complaints } = await runReadmeExample(import.meta.url);
  expect({ printed, complaints }).toEqual({ printed: promised, complaints: '' });
});
