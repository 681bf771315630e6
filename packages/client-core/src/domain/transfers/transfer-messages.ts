import type { ClientMessage } from '@parley/protocol';
import { isFolderName, pathOfName, type TransferStep } from './transfer.ts';

/** Asks for a file, or for a folder. */
// CHAT-TRANSFER-1, CHAT-FOLDER-1
export function downloadRequestFor(
  requestId: number,
  { name, chunkRoot, ranges, version, begun }: Extract<TransferStep, { type: 'request-offer' }>['wanted'],
): ClientMessage {
  if (!isFolderName(name)) {
    return { type: 'request-transfer', requestId, name, chunkRoot, ranges, version };
  }
  return { type: 'request-folder', requestId, name: pathOfName(name), known: chunkRoot, ranges, begun };
}

/** Asks to be allowed to send a file, or a folder. */
// CHAT-UPLOAD-1, CHAT-FOLDER-8
export function uploadRequestFor(
  requestId: number,
  { name, size, chunkRoot, folder, room }: Extract<TransferStep, { type: 'request-upload-offer' }>['wanted'],
): ClientMessage {
  if (folder === undefined) return { type: 'request-upload', requestId, name, size, chunkRoot, room };
  const figures = { size, ...folder, manifestRoot: chunkRoot };
  return { type: 'request-folder-upload', requestId, name: pathOfName(name), ...figures, room };
}
