import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';

/*
 * What one makes of tar and a socket: a connection asks for a name and gets an archive of it, or says nothing but an archive.
 *   tar-copy serve HOST PORT FOLDER
 *   tar-copy relay HOST PORT SERVER-PORT           passes bytes on to a server on the same host
 *   tar-copy fetch HOST PORT NAME FOLDER           tells how long that took, from before the connection was made
 *   tar-copy send HOST PORT FOLDER                 likewise; it is over when the other side has said so
 */
/** No name is so long, and no archive so short that its first bytes come in smaller pieces. */
const ARCHIVE_BYTES_MIN = 512;

const [mode, host = '', port, ...rest] = process.argv.slice(2);
if (mode === 'fetch') await fetch(rest);
else if (mode === 'send') await send(rest);
else await listen(mode === 'serve' ? serve : relay);

async function listen(handle: (socket: Socket) => Promise<void>): Promise<void> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    handle(socket).catch((error) => {
      process.stderr.write(`${mode}: ${error.message}\n`);
      socket.destroy(error);
    });
    socket.on('error', () => undefined);
  });
  server.listen(Number(port), host);
  await once(server, 'listening');
  process.stdout.write('READY\n');
}

async function serve(socket: Socket): Promise<void> {
  const [folder = '.'] = rest;
  const [request] = await once(socket, 'data');
  if (request.byteLength >= ARCHIVE_BYTES_MIN) return take(socket, request, folder);
  const tar = spawn('tar', ['-C', folder, '-cf', '-', String(request)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(tar.stdout, socket);
}

async function take(socket: Socket, start: Uint8Array, folder: string): Promise<void> {
  await extract(socket, folder, start);
  socket.end('done');
}

/** Puts an archive into its place. Throws an Error when it did not come whole. */
async function extract(socket: Socket, folder: string, start: Uint8Array): Promise<void> {
  const tar = spawn('tar', ['-C', folder, '-xf', '-'], { stdio: ['pipe', 'inherit', 'inherit'] });
  const exit = once(tar, 'exit');
  // It ends where the archive does, and may not wait for what fills up the last block.
  tar.stdin.on('error', () => undefined);
  tar.stdin.write(start);
  socket.pipe(tar.stdin);
  socket.once('close', () => tar.stdin.end());
  const [code] = await exit;
  if (code !== 0) throw new Error(`tar ended with ${code}`);
  socket.unpipe(tar.stdin);
  socket.resume();
}

async function relay(socket: Socket): Promise<void> {
  const [serverPort] = rest;
  const onward = connect({ host, port: Number(serverPort) });
  await Promise.all([pipeline(socket, onward), pipeline(onward, socket)]);
}

async function send([path = '']: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const socket = connect({ host, port: Number(port), allowHalfOpen: true });
  const answer = answerOf(socket);
  const tar = spawn('tar', ['-C', dirname(path), '-cf', '-', basename(path)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await pipeline(tar.stdout, socket);
  await answer;
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 })}\n`);
}

/** Resolves when the other side has said something; rejects when it goes without a word. */
function answerOf(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('data', () => resolve());
    socket.once('close', () => reject(new Error('the other side has closed the connection without a word')));
  });
}

async function fetch([name = '', folder = '.']: readonly string[]): Promise<void> {
  const startedAt = performance.now();
  const socket = connect({ host, port: Number(port) });
  socket.end(name);
  await extract(socket, folder, new Uint8Array());
  process.stdout.write(`${JSON.stringify({ seconds: (performance.now() - startedAt) / 1000 })}\n`);
}
