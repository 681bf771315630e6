import { createHash, randomBytes } from 'node:crypto';
import * as fileSystem from 'node:fs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { chunkBytesOf } from '@parley/protocol';
import type { RudpConnection } from '@parley/rudp';
import { derivePreSharedKey, listen } from '@parley/rudp';
import { onTestFinished } from 'vitest';
import type { Download, DownloadOffer, WantedBytes } from '../../src/transfers/download.ts';
import type { TransferProgress } from '../../src/transfers/running-transfer.ts';
import type { TransferHost } from '../../src/transfers/transfer-host.ts';

/** An empty folder that goes with the test. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'parley-download-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Names in `folder`, hidden ones included. */
export function namesIn(folder: string): string[] {
  return readdirSync(folder).sort();
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}

/** Bytes that differ from place to place. */
export function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >>> 8) * 17) & 255;
  return bytes;
}

/** A server that admits one ticket and does with the connection what the test wants. */
export async function startSender(
  serve: (connection: RudpConnection) => void,
): Promise<{ readonly udpPort: number; readonly ticket: Uint8Array }> {
  const ticket = randomBytes(32);
  const { identity, key } = derivePreSharedKey(ticket);
  const listener = await listen({
    host: '127.0.0.1',
    acceptPreSharedKey: (wanted) =>
      identity.every((byte, index) => byte === wanted[index]) ? { key } : undefined,
  });
  onTestFinished(() => listener.close());
  listener.on('connection', (connection) => {
    connection.on('error', () => undefined);
    connection.resume();
    serve(connection);
  });
  return { udpPort: listener.address().port, ticket };
}

/** The list of chunks of a file with these bytes. */
export function chunkHashesOf(bytes: Uint8Array): Buffer {
  const list: Uint8Array[] = [];
  const chunkBytes = chunkBytesOf(bytes.byteLength);
  for (let start = 0; start < bytes.byteLength; start += chunkBytes) {
    list.push(sha256(bytes.subarray(start, start + chunkBytes)));
  }
  return Buffer.concat(list);
}

/** What stands for that list. */
export function chunkRootOf(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(bytes.byteLength));
  return sha256(Buffer.concat([size, chunkHashesOf(bytes)]));
}

/** What a server sends to who has nothing: the list of chunks and then the file. */
export function streamOf(bytes: Uint8Array): Buffer {
  return Buffer.concat([chunkHashesOf(bytes), bytes]);
}

/** An offer of `bytes` at the sender; fields may be replaced by what a server tells wrongly. */
export function offerOf(
  bytes: Uint8Array,
  place: { readonly udpPort: number; readonly ticket: Uint8Array },
): DownloadOffer {
  return {
    transferId: 1,
    host: '127.0.0.1',
    tcpPort: 1,
    size: bytes.byteLength,
    modifiedAt: 1,
    digests: { sha256: sha256(bytes), chunkRoot: chunkRootOf(bytes) },
    ...place,
  };
}

/** A download that gets these offers, one after the other; who wants more than there are is stopped. */
export function fetchWith(
  host: TransferHost,
  targetPath: string,
  offers: readonly DownloadOffer[],
  onProgress: (progress: TransferProgress) => void = () => undefined,
): { readonly download: Download; readonly wanted: WantedBytes[] } {
  const wanted: WantedBytes[] = [];
  const download = host.download(
    { targetPath },
    {
      onProgress,
      onWanted: (wish) => {
        const offer = offers[wanted.length];
        wanted.push(wish);
        if (offer === undefined) download.stop();
        else download.take(offer);
      },
    },
  );
  return { download, wanted };
}

/** `node:fs` with some functions replaced. */
export function fileSystemWith(replaced: Partial<TargetFileSystem>): TargetFileSystem {
  return { ...fileSystem, ...replaced };
}

/** The error that the system gives for `code`. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** The priority (nice value) of each thread of this process, by its number; Linux only. */
export function threadPriorities(): Map<string, number> {
  return new Map(readdirSync('/proc/self/task').map((thread) => [thread, getPriority(Number(thread))]));
}
