import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  TransferHost as ClientTransferHost,
  Download,
  DownloadOffer,
  TransferProgress,
  WantedBytes,
} from '@parley/client-core';
import type { FilePath, Nickname, Ticket, TransferId } from '@parley/protocol';
import {
  ChunkHasher,
  type TransferHost,
  type TransferHostEvent,
  type TransferOffer,
} from '@parley/server-core';
import { onTestFinished } from 'vitest';

/** A shared file on one side, a folder for it on the other, and what each side is told of it. */
export interface Errand {
  readonly bytes: Buffer;
  readonly offer: TransferOffer;
  readonly clientOffer: DownloadOffer;
  /** The folder that the file shall come to. */
  readonly folder: string;
  readonly targetPath: string;
}

let lastTransferId = 0;

/** Puts a file of `size` bytes on the server's disk and offers it to `host`. */
export async function makeErrand(
  host: TransferHost,
  options: { readonly size: number; readonly ticketLifetimeMs?: number },
): Promise<Errand> {
  const root = mkdtempSync(join(tmpdir(), 'parley-errand-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const folder = mkdtempSync(join(root, 'downloads-'));
  const path = join(root, 'shared.bin');
  const bytes = patternBytes(options.size);
  writeFileSync(path, bytes);
  lastTransferId += 1;
  const ticket = new Uint8Array(randomBytes(32));
  const hasher = new ChunkHasher(bytes.byteLength);
  hasher.update(bytes);
  const { sha256, chunkHashes, chunkRoot } = hasher.digest();
  const size = bytes.byteLength;
  const offer: TransferOffer = {
    transferId: lastTransferId as TransferId,
    ticket: ticket as Ticket,
    ticketLifetimeMs: options.ticketLifetimeMs ?? 30_000,
    user: 'ada',
    path,
    size,
    modifiedAt: Math.floor(statSync(path).mtimeMs),
    chunkHashes,
    ranges: size === 0 ? [] : [{ start: 0, end: size }],
    address: undefined,
    name: 'shared.bin' as FilePath,
    nickname: 'ada' as Nickname,
  };
  await host.offer(offer);
  const clientOffer: DownloadOffer = {
    transferId: lastTransferId,
    host: '127.0.0.1',
    udpPort: host.address().port,
    tcpPort: host.tlsPort() ?? 1,
    ticket,
    size,
    modifiedAt: offer.modifiedAt,
    digests: { sha256, chunkRoot },
  };
  return { bytes, offer, clientOffer, folder, targetPath: join(folder, 'shared.bin') };
}

/** A download that gets the errand's offer once, and is stopped when it wants more. */
export function fetchErrand(
  host: ClientTransferHost,
  errand: Pick<Errand, 'targetPath' | 'clientOffer'>,
  onProgress: (progress: TransferProgress) => void = () => undefined,
): { readonly download: Download; readonly wanted: WantedBytes[] } {
  const wanted: WantedBytes[] = [];
  const onWanted = (wish: WantedBytes): void => {
    wanted.push(wish);
    if (wanted.length === 1) download.take(errand.clientOffer);
    else download.stop();
  };
  const { targetPath } = errand;
  const download = host.download({ targetPath }, { onProgress, onWanted });
  return { download, wanted };
}

/** Names in `folder`, hidden ones included. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

/** A host that is closed with the test. */
export function closedWithTest<Host extends TransferHost | ClientTransferHost>(host: Host): Host {
  onTestFinished(() => host.close());
  return host;
}

/** Resolves with the event that ends `offer`; to be called before it can come. */
export function endOf(host: TransferHost, { offer }: Errand): Promise<TransferHostEvent> {
  return new Promise((resolve) => {
    host.onEvent((event) => {
      const isEnd = event.type === 'completed' || event.type === 'failed';
      if (isEnd && event.transferId === offer.transferId) resolve(event);
    });
  });
}

/** Bytes that differ from place to place. */
function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >>> 8) * 17) & 255;
  return bytes;
}
