import { createServer, type Socket } from 'node:net';

/*
 * The least that a server in Node can do: what a client sends goes to everybody as it is. No names, no log, no limits.
 *   line-server PORT each     each line is written to everybody by itself
 *   line-server PORT turns    what came in one turn of the event loop is one write to each: the ceiling of a server in Node
 */
const [port, mode] = process.argv.slice(2);
const everybody = new Set<Socket>();
const LINE_FEED = 10;
let turn: Buffer[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  everybody.add(socket);
  socket.write('hello\n');
  let unfinished: Buffer | undefined;
  socket.on('data', (chunk: Buffer) => {
    const bytes = unfinished === undefined ? chunk : Buffer.concat([unfinished, chunk]);
    const end = bytes.lastIndexOf(LINE_FEED) + 1;
    unfinished = end < bytes.length ? bytes.subarray(end) : undefined;
    if (end > 0) deliver(bytes.subarray(0, end));
  });
  socket.on('close', () => everybody.delete(socket));
  socket.on('error', () => {});
});
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 1024 }, () =>
  process.stdout.write('READY\n'),
);

function deliver(lines: Buffer): void {
  if (mode === 'turns') {
    if (turn.length === 0) setImmediate(writeTurn);
    turn.push(lines);
    return;
  }
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(LINE_FEED, start) + 1;
    for (const socket of everybody) socket.write(lines.subarray(start, end));
    start = end;
  }
}

function writeTurn(): void {
  const bytes = Buffer.concat(turn);
  turn = [];
  for (const socket of everybody) socket.write(bytes);
}
