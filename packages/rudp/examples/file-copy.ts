/** Copies a file over an encrypted connection that only the holder of a ticket can open: `node examples/file-copy.ts FROM TO` */
import { randomBytes } from 'node:crypto';
import { closeSync, createWriteStream, openSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { connect, derivePreSharedKey, listen } from '@parley/rudp';

const [source, target] = process.argv.slice(2);
if (!source || !target) throw new Error('usage: file-copy FROM TO');
const preSharedKey = derivePreSharedKey(randomBytes(32));

const listener = await listen({
  host: '127.0.0.1',
  acceptPreSharedKey: (identity) =>
    preSharedKey.identity.every((byte, i) => byte === identity[i]) ? preSharedKey : undefined,
});
listener.on('connection', (connection) => {
  const file = openSync(source, 'r');
  connection.sendFrom({ read: (target) => readSync(file, target) || undefined });
  connection.once('close', () => closeSync(file));
});

const client = connect({ ...listener.address(), preSharedKey });
client.end();
await pipeline(client, createWriteStream(target, { flags: 'wx' }));

console.log(`${client.statistics()?.streamBytesReceived} bytes`);
await listener.close();
