/**
 * Moves one file between two processes over loopback and prints what it cost, as one line of JSON:
 *
 *     pnpm --filter @parley/transfers measure [MEGABYTES] [fixed-window PACKETS]
 *
 * `--cpu-prof` in NODE_OPTIONS profiles both sides.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TransferEngine } from '@parley/client-core';
import type { FilePath, Nickname, Ticket, TransferId } from '@parley/protocol';
import type { RudpConfig } from '@parley/rudp';
import { ChunkHasher, type FileDigests, openTransferEngine, type TransferOffer } from '@parley/server-core';

/** What the sending process is told. */
interface Order {
  readonly path: string;
  readonly ticketHex: string;
  readonly config: Partial<RudpConfig>;
}

/** What it answers: first where it listens, at the end what it cost. */
type Answer = { readonly port: number } | { readonly cpuSeconds: number };

const TICKET_LIFETIME_MS = 30_000;

if (process.send) process.once('message', (order: Order) => void send(order));
else await measure(process.argv.slice(2));

async function measure([megabytes = '100', controller, packets = '256']: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-measure-'));
  const sender = fork(fileURLToPath(import.meta.url), { execArgv: process.execArgv });
  try {
    const bytes = randomBytes(Number(megabytes) * 1e6);
    const path = join(folder, 'source');
    writeFileSync(path, bytes);
    const ticket = randomBytes(32);
    const config: Partial<RudpConfig> =
      controller === 'fixed-window'
        ? { congestionController: controller, fixedWindowPackets: Number(packets) }
        : {};
    const order: Order = { path, ticketHex: ticket.toString('hex'), config };
    sender.send(order);
    const { port } = (await answerOf(sender)) as { port: number };
    const received = await receive({ port, ticket, bytes, targetPath: join(folder, 'target'), config });
    const { cpuSeconds } = (await answerOf(sender)) as { cpuSeconds: number };
    console.log(
      JSON.stringify({ controller: controller ?? 'bbr', ...received, senderCpuSeconds: cpuSeconds }),
    );
  } finally {
    sender.disconnect();
    rmSync(folder, { recursive: true });
  }
}

async function receive(job: {
  readonly port: number;
  readonly ticket: Uint8Array;
  readonly bytes: Buffer;
  readonly targetPath: string;
  readonly config: Partial<RudpConfig>;
}): Promise<object> {
  const { port, ticket, bytes, targetPath, config } = job;
  const { sha256, chunkRoot } = digestsOf(bytes);
  const engine = new TransferEngine({ config });
  const cpuBefore = process.cpuUsage();
  const size = bytes.byteLength;
  const offer = {
    transferId: 1,
    host: '127.0.0.1',
    udpPort: port,
    tcpPort: port,
    ticket,
    size,
    modifiedAt: 0,
    digests: { sha256, chunkRoot },
  };
  const download = engine.download(
    { targetPath },
    { onProgress: () => undefined, onWanted: () => download.take(offer) },
  );
  const outcome = await download.outcome;
  if (outcome.kind !== 'completed') throw new Error(`the download ended as ${JSON.stringify(outcome)}`);
  if (!readFileSync(targetPath).equals(bytes)) throw new Error('the files differ');
  await engine.close();
  return {
    bytes: bytes.byteLength,
    seconds: outcome.durationMs / 1000,
    megabytesPerSecond: bytes.byteLength / outcome.durationMs / 1000,
    receiverCpuSeconds: cpuSecondsSince(cpuBefore),
  };
}

async function send({ path, ticketHex, config }: Order): Promise<void> {
  const engine = await openTransferEngine({ host: '127.0.0.1', port: 0, config });
  const { size, mtimeMs } = statSync(path);
  const offer: TransferOffer = {
    transferId: 1 as TransferId,
    ticket: new Uint8Array(Buffer.from(ticketHex, 'hex')) as Ticket,
    ticketLifetimeMs: TICKET_LIFETIME_MS,
    user: 'measure',
    path,
    size,
    modifiedAt: Math.floor(mtimeMs),
    chunkHashes: digestsOf(readFileSync(path)).chunkHashes,
    ranges: [{ start: 0, end: size }],
    address: undefined,
    name: 'source' as FilePath,
    nickname: 'measure' as Nickname,
  };
  const cpuBefore = process.cpuUsage();
  engine.onEvent((event) => {
    if (event.type !== 'completed') return;
    answer({ cpuSeconds: cpuSecondsSince(cpuBefore) });
  });
  await engine.offer(offer);
  answer({ port: engine.address().port });
  process.once('disconnect', () => void engine.close());
}

function digestsOf(bytes: Uint8Array): FileDigests {
  const hasher = new ChunkHasher(bytes.byteLength);
  hasher.update(bytes);
  return hasher.digest();
}

function answer(message: Answer): void {
  process.send?.(message);
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const [message] = await once(child, 'message');
  return message;
}

function cpuSecondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
