import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf, type Program } from '@parley/programs';
import type { ChatPeer } from './chat-peer.ts';
import { JOIN_MS_MAX, withPeer } from './peer-process.ts';

/** Time for what was allocated while everybody came in to be collected, and for `presence` to be told. */
const SETTLE_MS = 3_000;
/** People who come in at once. */
const JOINING = 100;
const RETURN_MS_MAX = 120_000;

/** Memory of a server whose clients are there and say nothing. */
export function measureIdle(peer: ChatPeer, connections: number): Promise<object> {
  return withPeer(peer, async (running) => {
    await sleep(SETTLE_MS / 2);
    const beforeMb = memoryMb(running.server);
    const startedAt = performance.now();
    const load = running.load({ members: connections, speakers: 0, joining: JOINING, mode: 'hold' });
    await load.stdout.line(/READY/, JOIN_MS_MAX);
    const joinSeconds = (performance.now() - startedAt) / 1_000;
    await sleep(SETTLE_MS);
    const rssMb = memoryMb(running.server);
    const bytesPerConnection = ((rssMb - beforeMb) * 1e6) / connections;
    return { what: 'idle', peer: peer.name, connections, joinSeconds, beforeMb, rssMb, bytesPerConnection };
  });
}

/** How long it takes until everybody is back, and has what was missed, after the server was stopped and started. */
export function measureReturn(peer: ChatPeer, connections: number): Promise<object> {
  return withPeer(peer, async (running) => {
    const load = running.load({ members: connections, speakers: 0, joining: JOINING, mode: 'return' });
    await load.stdout.line(/READY/, JOIN_MS_MAX);
    await sleep(SETTLE_MS);
    running.server.signal('SIGUSR2');
    const [, report = '{}'] = await load.stdout.line(/DONE (\{.*\})$/, RETURN_MS_MAX);
    return { what: 'return', peer: peer.name, connections, ...JSON.parse(report) };
  });
}

/** Resident memory in 10^6 bytes. Throws an Error when the server has ended. */
function memoryMb(server: Program): number {
  const memory = memoryOf(server.pid);
  if (memory === undefined) throw new Error(`the server has ended: ${server.complaints}`);
  return memory.residentBytes / 1e6;
}
