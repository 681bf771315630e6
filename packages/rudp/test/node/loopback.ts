import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import type { ConnectOptions, ListenOptions, RudpConnection, RudpListener } from '../../src/index.ts';
import { connect, listen } from '../../src/index.ts';

/** A listener on a free port of this machine that is closed with the test. */
export async function startListener(options: ListenOptions = {}): Promise<RudpListener> {
  const listener = await listen({ host: '127.0.0.1', ...options });
  onTestFinished(() => listener.close());
  return listener;
}

/** A client of `listener`; its errors are the business of the test, not of the process. */
export function startClient(listener: RudpListener, options: Partial<ConnectOptions> = {}): RudpConnection {
  const client = connect({ ...listener.address(), ...options });
  client.on('error', () => undefined);
  onTestFinished(() => {
    client.destroy();
  });
  return client;
}

/** Both ends of one established connection. */
export async function openPair(
  options: { listen?: ListenOptions; connect?: Partial<ConnectOptions> } = {},
): Promise<{ listener: RudpListener; client: RudpConnection; server: RudpConnection }> {
  const listener = await startListener(options.listen);
  const client = startClient(listener, options.connect);
  const [server] = (await once(listener, 'connection')) as [RudpConnection];
  server.on('error', () => undefined);
  return { listener, client, server };
}

/** Everything that the peer sends until its FIN. */
export async function readAll(connection: RudpConnection): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Bytes that differ from place to place, so that a shifted or repeated piece is noticed. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1)
    bytes[index] = (index * 31 + (index >>> 8) * 17 + (index >>> 16)) & 255;
  return bytes;
}

/** The error that `connection` is destroyed with. */
export async function errorOf(connection: RudpConnection): Promise<Error> {
  const [error] = (await once(connection, 'error')) as [Error];
  return error;
}

/** Turns of the event loop until `isTrue`; the test's timeout bounds it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** A word from `sender` to `receiver` and back: whatever else was on its way has arrived then. */
async function roundTrip(sender: RudpConnection, receiver: RudpConnection): Promise<void> {
  const before = sender.statistics()?.streamBytesAcknowledged ?? 0;
  const arrived = once(receiver, 'data');
  sender.write('.');
  await arrived;
  await until(() => (sender.statistics()?.streamBytesAcknowledged ?? 0) > before);
}

/** Round trips until twenty in a row have left `value` as it was. */
export async function settled(
  sender: RudpConnection,
  receiver: RudpConnection,
  value: () => number,
): Promise<void> {
  for (let unchanged = 0, last = value(); unchanged < 20; unchanged = value() === last ? unchanged + 1 : 0) {
    last = value();
    await roundTrip(sender, receiver);
  }
}
