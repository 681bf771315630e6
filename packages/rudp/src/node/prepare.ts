import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AeadChoice } from './aead/packet-crypto.ts';
import { connect } from './connect.ts';
import { listen } from './listen.ts';
import { derivePreSharedKey } from './pre-shared-key.ts';
import type { UdpIo } from './udp-socket.ts';

/** So many packets of an Ethernet that V8 has compiled what handles them. */
const REHEARSAL_BYTES = 2_000_000;
const REHEARSAL_DATAGRAM_BYTES = 1_472;
/** A machine that takes longer than this has something else to do. */
const REHEARSAL_MS_MAX = 1_000;
const TICKET_BYTES = 32;

/**
 * Loads what `connect` and `listen` load when they are first called, and moves two megabytes over a connection of this process with
 * itself, on loopback: the first real connection then neither waits for that nor for code that runs for the first time. Call it at
 * the start of a thread, before somebody waits; it takes the processor for a tenth of a second or two.
 *
 * A machine without loopback only has the loading done. `signal` ends the rehearsal early. Rejects with `InvalidConfigError` for an
 * `aead` that is none.
 *
 * A thread that is to be ended by force (`Worker.terminate()`) must be done with this before: native code that is interrupted takes
 * the whole process with it.
 */
export async function prepare({
  io = 'auto',
  aead,
  signal,
}: {
  readonly io?: UdpIo | undefined;
  readonly aead?: AeadChoice | undefined;
  readonly signal?: AbortSignal | undefined;
} = {}): Promise<void> {
  const preSharedKey = derivePreSharedKey(randomBytes(TICKET_BYTES));
  const shared = { io, ...(aead ? { aead } : {}), config: { datagramBytesMax: REHEARSAL_DATAGRAM_BYTES } };
  const isOurs = (identity: Uint8Array) => Buffer.compare(identity, preSharedKey.identity) === 0;
  const listener = await listen({
    ...shared,
    host: '127.0.0.1',
    acceptPreSharedKey: (identity) => (isOurs(identity) ? { key: preSharedKey.key } : undefined),
  }).catch(unlessMisused);
  if (listener === undefined) return;
  const limit = AbortSignal.timeout(REHEARSAL_MS_MAX);
  const until = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const connection = connect({ ...shared, ...listener.address(), preSharedKey });
  connection.on('error', () => undefined);
  listener.on('connection', (peer) => peer.on('error', () => undefined).resume());
  try {
    connection.end(Buffer.alloc(REHEARSAL_BYTES));
    await once(connection, 'finish', { signal: until });
  } catch {
    // It was too slow, or a firewall stands between this process and itself: what was loaded is loaded.
  } finally {
    connection.destroy();
    await listener.close();
  }
}

/** No loopback is no reason to fail; a wrong setting is. */
function unlessMisused(error: Error & { readonly code?: string }): undefined {
  if (error.code !== 'socket-failed') throw error;
}
