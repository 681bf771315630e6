import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePath, Nickname, Ticket, TransferId } from '@parley/protocol';
import { type ConnectOptions, connect, derivePreSharedKey, type RudpConnection } from '@parley/rudp';
import { onTestFinished } from 'vitest';
import { openTransferEngine, type TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import type { TransferHost, TransferHostEvent, TransferOffer } from '../../src/transfers/transfer-host.ts';

/** An empty folder that goes with the test. */
function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-transfer-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Bytes that differ from place to place. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >>> 8) * 17) & 255;
  return bytes;
}

/** An engine on a free port that is closed with the test, and what it tells. */
export async function startEngine(
  options: Partial<Parameters<typeof openTransferEngine>[0]> = {},
): Promise<{ engine: TransferEngine; events: EventLog }> {
  const engine = await openTransferEngine({ host: '127.0.0.1', port: 0, ...options });
  onTestFinished(() => engine.close());
  return { engine, events: new EventLog(engine) };
}

let lastTransferId = 0;

/** An offer of a new file that holds `bytes`. */
export function makeOffer(bytes: Uint8Array, changes: Partial<TransferOffer> = {}): TransferOffer {
  const path = join(makeFolder(), 'shared.bin');
  writeFileSync(path, bytes);
  lastTransferId += 1;
  return {
    transferId: lastTransferId as TransferId,
    ticket: new Uint8Array(randomBytes(32)) as Ticket,
    ticketLifetimeMs: 30_000,
    user: 'ada',
    path,
    size: bytes.byteLength,
    modifiedAt: Math.floor(statSync(path).mtimeMs),
    chunkHashes: new Uint8Array(0),
    ranges: bytes.byteLength === 0 ? [] : [{ start: 0, end: bytes.byteLength }],
    address: undefined,
    name: 'shared.bin' as FilePath,
    nickname: 'ada' as Nickname,
    ...changes,
  };
}

/** Goes with the ticket to the host. */
export function present(
  host: TransferHost,
  { ticket }: { readonly ticket: Uint8Array },
  options: Partial<ConnectOptions> = {},
): RudpConnection {
  const connection = connect({ ...host.address(), preSharedKey: derivePreSharedKey(ticket), ...options });
  connection.on('error', () => undefined);
  onTestFinished(() => {
    connection.destroy();
  });
  return connection;
}

/** What a host has told, and waiting for what it will tell. */
export class EventLog {
  readonly all: TransferHostEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(host: TransferHost) {
    host.onEvent((event) => {
      this.all.push(event);
      for (const check of this.#waiting) check();
    });
  }

  /** The first event of this type of the transfer, now or when it comes. */
  of<Type extends TransferHostEvent['type']>(
    { transferId }: { readonly transferId: TransferId },
    type: Type,
  ): Promise<Extract<TransferHostEvent, { type: Type }>> {
    return new Promise((resolve) => {
      const check = (): void => {
        const found = this.all.find((event) => event.type === type && event.transferId === transferId);
        if (found === undefined) return;
        this.#waiting.delete(check);
        resolve(found as Extract<TransferHostEvent, { type: Type }>);
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** Turns of the event loop until `isTrue`; the test's timeout bounds it. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** Everything that arrives until FIN. */
export async function readAll(connection: RudpConnection): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of connection.iterator({ destroyOnReturn: false })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The priority (nice value) of each thread of this process, by its number; Linux only. */
export function threadPriorities(): Map<string, number> {
  return new Map(readdirSync('/proc/self/task').map((thread) => [thread, getPriority(Number(thread))]));
}
