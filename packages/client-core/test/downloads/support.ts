import { createHash, randomBytes } from 'node:crypto';
import * as fileSystem from 'node:fs';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RudpConnection } from '@parley/rudp';
import { derivePreSharedKey, listen } from '@parley/rudp';
import { onTestFinished } from 'vitest';
import type { TargetFileSystem } from '../../src/node/part-file.ts';
import type { DownloadRequest } from '../../src/transfers/download-host.ts';

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

/** A request for `bytes` from the sender; fields may be replaced by what a server tells wrongly. */
export function requestFor(
  bytes: Uint8Array,
  place: { readonly udpPort: number; readonly ticket: Uint8Array; readonly targetPath: string },
): DownloadRequest {
  return { transferId: 1, host: '127.0.0.1', size: bytes.byteLength, sha256: sha256(bytes), ...place };
}

/** `node:fs` with some functions replaced. */
export function fileSystemWith(replaced: Partial<TargetFileSystem>): TargetFileSystem {
  return { ...fileSystem, ...replaced };
}

/** The error that the system gives for `code`. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: simulated`), { code });
}
