import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { startRelay } from '@parley/relay';
import { openWorkerTransferHost } from '@parley/server-core';
import { afterEach, describe, expect, test } from 'vitest';
import { resultOf, runProgram, startProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

// Everything is real here: the server with its thread that moves files, sockets, UDP, the client's thread, the disk.

const TIMEOUT_MS = 60_000;
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Bytes without a pattern that a mistake in offsets could hide behind. */
function noise(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = 0x2545_f491;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function open(
  files: Readonly<Record<string, string | Uint8Array>>,
  link?: Omit<Parameters<typeof startRelay>[0], 'target'>,
): Promise<TestRoom> {
  const transferHost = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  const relay = link && (await startRelay({ ...link, target: transferHost.address() }));
  const room = await TestRoom.open(files, {
    transferHost,
    ...(relay ? { udpPortAdvertised: relay.address.port } : {}),
  });
  cleanups.push(async () => {
    await room.close();
    await relay?.close();
  });
  return room;
}

const addressOf = (room: TestRoom) => `127.0.0.1:${room.address.port}`;

test('get fetches a file, verifies it, and prints what sha256sum would', {
  timeout: TIMEOUT_MS,
}, async () => {
  const bytes = noise(3_000_000);
  const room = await open({ 'my file.bin': bytes, empty: '' });
  const options = { cwd: room.downloadFolder };
  const full = await runProgram(['get', addressOf(room), 'my file.bin', '--nick', 'robot'], options);
  const path = join(room.downloadFolder, 'my file.bin');
  expect(full).toEqual({ exitCode: 0, stdout: `${sha256(bytes)}  ${path}\n`, stderr: '' });
  const empty = await runProgram(
    ['get', addressOf(room), 'empty', '--nick', 'robot', '--to', 'nothing'],
    options,
  );
  expect(empty).toMatchObject({ exitCode: 0, stderr: '' });
  expect(readdirSync(room.downloadFolder).sort()).toEqual(['my file.bin', 'nothing']);
  expect(sha256(readFileSync(path))).toBe(sha256(bytes));
});

test('get --json prints what came of it', { timeout: TIMEOUT_MS }, async () => {
  const room = await open({ 'notes.txt': 'ten bytes.' });
  const path = join(room.downloadFolder, 'reported.txt');
  const args = ['get', addressOf(room), 'notes.txt', '--nick', 'robot', '--to', path, '--json'];
  const result = await runProgram(args);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  const digest = sha256(readFileSync(path));
  const fixed = { name: 'notes.txt', path, size: 10, sha256: digest, resumedBytes: 0 };
  expect(JSON.parse(result.stdout)).toEqual({ ...fixed, durationMs: expect.any(Number) });
});

test('get --to - pours the bytes into standard output, and leaves nothing behind', {
  timeout: TIMEOUT_MS,
}, async () => {
  const room = await open({ 'notes.txt': 'ten bytes.' });
  const args = ['get', addressOf(room), 'notes.txt', '--nick', 'robot', '--to', '-'];
  const result = await runProgram(args, { env: { TMPDIR: room.downloadFolder } });
  expect(result).toEqual({ exitCode: 0, stdout: 'ten bytes.', stderr: '' });
  expect(readdirSync(room.downloadFolder)).toEqual([]);
  expect(await runProgram([...args, '--json'])).toMatchObject({ exitCode: 2, stdout: '' });
});

test('a bad network changes nothing but the time', { timeout: TIMEOUT_MS }, async () => {
  const bytes = noise(1_500_000);
  const fault = { loss: 0.1, duplicateRatio: 0.05, reorderRatio: 0.1 };
  const room = await open({ 'data.bin': bytes }, { toTarget: fault, fromTarget: fault, seed: 11 });
  const args = ['get', addressOf(room), 'data.bin', '--nick', 'robot', '--to', room.downloadFolder];
  const path = join(room.downloadFolder, 'data.bin');
  expect(await runProgram(args)).toEqual({ exitCode: 0, stdout: `${sha256(bytes)}  ${path}\n`, stderr: '' });
});

test('two people chat while a file comes in, is paused and resumed', { timeout: TIMEOUT_MS }, async () => {
  const bytes = noise(4_000_000);
  const slow = { rateBitsPerSecond: 20_000_000 };
  const room = await open({ 'data.bin': bytes }, { toTarget: slow, fromTarget: slow, seed: 5 });
  const ann = room.enter({ nickname: 'ann' });
  const bob = room.enter({ nickname: 'bob' });
  await ann.sees('bob joined');
  ann.enter('/get data.bin to copy.bin');
  await ann.sees(/v1 data\.bin .* MB\/s {2}ETA/);
  ann.enter('/pause 1');
  await ann.sees(/v1 data\.bin .* paused/);
  bob.enter('how is it going?');
  await ann.sees('<bob> how is it going?');
  ann.enter('/resume');
  await ann.sees('download 1: ');
  await ann.sees(/copy\.bin, 4\.0 MB in .*verified/);
  await ann.sees(`sha256 ${sha256(bytes)}`);
  expect(sha256(readFileSync(join(room.downloadFolder, 'copy.bin')))).toBe(sha256(bytes));
});

// CHAT-RESUME-1, CHAT-RESUME-2
test('Ctrl-C in mid-download keeps what arrived, and the next get goes on', {
  timeout: TIMEOUT_MS,
}, async () => {
  const slow = { rateBitsPerSecond: 10_000_000 };
  const bytes = noise(3_000_000);
  const room = await open({ 'data.bin': bytes }, { toTarget: slow, fromTarget: slow, seed: 6 });
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  const args = ['get', addressOf(room), 'data.bin', '--nick', 'robot', '--transfers', 'udp'];
  const client = startProgram(args, { cwd: room.downloadFolder });
  const watcher = watch(room.downloadFolder, () => {
    const part = readdirSync(room.downloadFolder).find((name) => name.endsWith('.part'));
    if (part === undefined || statSync(join(room.downloadFolder, part)).size <= 1_000_000) return;
    // Once: a second Ctrl-C would end the program without waiting for anything.
    watcher.close();
    client.signal('SIGINT');
  });
  expect(await resultOf(client)).toEqual({
    exitCode: 130,
    stdout: '',
    stderr: 'parley: interrupted\n',
  });
  expect(readdirSync(room.downloadFolder).sort()).toEqual([
    expect.stringMatching(/^\.data\.bin\..*\.part$/),
    expect.stringMatching(/^\.data\.bin\..*\.part-journal$/),
  ]);
  await ann.sees('robot left');
  const path = join(room.downloadFolder, 'data.bin');
  const again = await runProgram([...args, '--to', room.downloadFolder]);
  expect(again).toMatchObject({ exitCode: 0, stdout: `${sha256(bytes)}  ${path}\n` });
  expect(again.stderr).toMatch(/^parley: going on with what is here: [\d.]+ [kM]B of 3\.0 MB\n$/);
  expect(readdirSync(room.downloadFolder)).toEqual(['data.bin']);
});

describe('--confirm-at', () => {
  const slow = { rateBitsPerSecond: 20_000_000 };
  const bytes = noise(4_000_000);

  async function getAsking(input: string) {
    const room = await open({ 'data.bin': bytes }, { toTarget: slow, fromTarget: slow, seed: 7 });
    const args = ['get', addressOf(room), 'data.bin', '--nick', 'robot', '--transfers', 'udp'];
    args.push('--confirm-at', '40%');
    const result = await runProgram([...args, '--to', room.downloadFolder], { input });
    return { room, result };
  }

  test('holds the download, and goes on after a yes', { timeout: TIMEOUT_MS }, async () => {
    const { room, result } = await getAsking('yes\n');
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(sha256(bytes)) });
    const [, percent = ''] =
      /^data\.bin: (\d+)% is here \([\d.]+ MB of 4\.0 MB\); go on\? \(yes, no\): $/.exec(result.stderr) ?? [];
    expect(Number(percent)).toBeGreaterThanOrEqual(40);
    expect(readdirSync(room.downloadFolder)).toEqual(['data.bin']);
  });

  test.each(['no\n', ''])('keeps what arrived after %j', { timeout: TIMEOUT_MS }, async (input) => {
    const { room, result } = await getAsking(input);
    expect(result).toMatchObject({ exitCode: 130, stdout: '' });
    expect(result.stderr).toContain('what has arrived is kept: get it again to go on');
    expect(readdirSync(room.downloadFolder)).not.toContain('data.bin');
    expect(readdirSync(room.downloadFolder)).toHaveLength(2);
  });
});
