import { existsSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Program } from '@parley/programs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resultOf, runProgram, startProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

// However a command ends, there are an exit code and words.

const FULL_DISK = '/dev/full';
const INTO_FULL_DISK = ['sh', '-c', `exec "$0" "$@" > ${FULL_DISK}`];

let room: TestRoom;
let address: string;

beforeAll(async () => {
  room = await TestRoom.open({ 'notes.txt': 'ten bytes.' });
  address = `127.0.0.1:${room.address.port}`;
});

afterAll(async () => {
  await room.close();
});

test('a second signal ends a goodbye that nobody answers, and says so', async () => {
  let client: Program | undefined;
  // The first bytes are the greeting, those behind them the goodbye: each is answered with a signal alone.
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  const server = await listen((socket) => {
    socket.on('data', () => {
      const signal = signals.shift();
      if (signal !== undefined) client?.signal(signal);
    });
  });
  const { port } = server.address() as AddressInfo;
  client = startProgram(['users', `127.0.0.1:${port}`]);
  expect(await resultOf(client)).toEqual({ exitCode: 143, stdout: '', stderr: 'parley: interrupted\n' });
  expect(signals).toEqual([]);
  await new Promise((resolve) => server.close(resolve));
});

describe.skipIf(!existsSync(FULL_DISK))('an output on a disk that is full', () => {
  test.each([
    ['of a command', () => ['rooms', address]],
    ['of many lines', () => ['files', address, '--json']],
    ['of the help, which needs no server', () => ['--', '--help']],
  ])('%s is said to be, and no success', async (_, args) => {
    const result = await resultOf(startProgram(args(), { prefix: INTO_FULL_DISK }));
    expect(result.exitCode).toBe(6);
    expect(result.stderr).toMatch(/^parley: the output cannot be written: ENOSPC.*\n$/);
  });
});

test('a program that waits for what never comes says that it has made a mistake', async () => {
  // Neither sockets nor timers come to anything, or keep a process alive.
  const preload = `
    import net from 'node:net';
    net.Socket.prototype.connect = function () { return this; };
    const later = globalThis.setTimeout;
    globalThis.setTimeout = (...values) => later(...values).unref();`;
  const url = `data:text/javascript,${encodeURIComponent(preload)}`;
  const result = await runProgram(['users', address], { env: { NODE_OPTIONS: `--import=${url}` } });
  expect(result).toMatchObject({ exitCode: 1, stdout: '' });
  expect(result.stderr).toMatch(/^parley: ended in the middle of its work/);
});

function listen(onConnection: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }).listen(0, '127.0.0.1', () => resolve(server));
  });
}
