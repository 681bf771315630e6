import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { connect, listen } from '../../src/index.ts';
import { QlogFile } from '../support/qlog-file.ts';
import { openPair, patternBytes, readAll } from './loopback.ts';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'parley-qlog-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

async function transfer(qlogDirectory: string, bytes: Buffer): Promise<Buffer> {
  const { client, server } = await openPair({ listen: { qlogDirectory }, connect: { qlogDirectory } });
  const closed = Promise.all([once(client, 'close'), once(server, 'close')]);
  server.resume();
  server.end(bytes);
  client.end();
  const received = await readAll(client);
  await closed;
  return received;
}

test('each side writes one file, named by the connection, that is whole when the connection has ended', async () => {
  const directory = temporaryDirectory();
  const bytes = patternBytes(300_000);
  const before = Date.now();
  expect((await transfer(directory, bytes)).equals(bytes)).toBe(true);
  const names = readdirSync(directory).toSorted();
  expect(names).toEqual([
    expect.stringMatching(/^[0-9a-f]{16}_client\.sqlog$/),
    expect.stringMatching(/^[0-9a-f]{16}_server\.sqlog$/),
  ]);
  expect(names[0]?.slice(0, 16)).toBe(names[1]?.slice(0, 16));
  for (const name of names) {
    const file = new QlogFile(readFileSync(join(directory, name), 'utf8'));
    const { reference_time } = (file.header.trace as { common_fields: { reference_time: number } })
      .common_fields;
    expect(Math.abs(reference_time - before)).toBeLessThan(60_000);
    expect(file.all('connectivity:connection_closed')).toEqual([{ owner: 'local', trigger: 'finished' }]);
  }
});

test('a directory that is missing is made', async () => {
  const directory = join(temporaryDirectory(), 'one', 'two');
  await transfer(directory, patternBytes(10));
  expect(readdirSync(directory)).toHaveLength(2);
});

test('a directory that cannot be made is refused at once', async () => {
  const qlogDirectory = join(fileURLToPath(import.meta.url), 'below-a-file');
  await expect(listen({ host: '127.0.0.1', qlogDirectory })).rejects.toThrow(/ENOTDIR/);
  expect(() => connect({ host: '127.0.0.1', port: 1, qlogDirectory })).toThrow(/ENOTDIR/);
});

test('a directory that vanishes costs the log, not the transfer', async () => {
  const qlogDirectory = join(temporaryDirectory(), 'vanishes');
  const { client, server } = await openPair({ listen: { qlogDirectory }, connect: { qlogDirectory } });
  rmSync(qlogDirectory, { recursive: true });
  const bytes = patternBytes(2_000_000);
  server.end(bytes);
  client.end();
  expect((await readAll(client)).equals(bytes)).toBe(true);
});
