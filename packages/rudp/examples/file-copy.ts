/** Copies a file over an encrypted connection that only the holder of a ticket can open: `node examples/file-copy.ts FROM TO` */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
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
listener.on('connection', async (connection) => {
  const file = await open(source);
  const block = Buffer.allocUnsafeSlow(256 * 1024); // for every read: free again when the connection has taken its bytes
  const sendNext = async () => {
    const { bytesRead } = await file.read(block);
    if (bytesRead === 0) connection.end(() => file.close());
    else connection.write(block.subarray(0, bytesRead), (error) => error ?? sendNext());
  };
  await sendNext();
});

const client = connect({ ...listener.address(), preSharedKey });
client.end();
await pipeline(client, createWriteStream(target, { flags: 'wx' }));

console.log(`${client.statistics()?.streamBytesReceived} bytes`);
await listener.close();
