import { createHash } from 'node:crypto';
import {
  encodeFolderManifest,
  FOLDER_MANIFEST_BYTES_MAX,
  type FolderEntry,
  type Sha256,
} from '@parley/protocol';
import { FolderSizeError } from './folder-listing.ts';

/** What the two ends tell each other of a folder first. */
interface FolderDescription {
  readonly manifest: Uint8Array;
  /** SHA-256 of the manifest. */
  readonly manifestRoot: Sha256;
  /** Bytes of all files. */
  readonly size: number;
}

/** The list of a folder, and what it amounts to. Throws `FolderSizeError`. */
// CHAT-FOLDER-3
export function describeFolder(entries: readonly FolderEntry[]): FolderDescription {
  const manifest = encodeFolderManifest(entries);
  if (manifest.byteLength > FOLDER_MANIFEST_BYTES_MAX) throw new FolderSizeError('too many long names');
  return {
    manifest,
    manifestRoot: new Uint8Array(createHash('sha256').update(manifest).digest()) as Sha256,
    size: entries.reduce((sum, entry) => sum + entry.size, 0),
  };
}
