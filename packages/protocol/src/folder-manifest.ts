/** The list of what stands below a folder, as it travels before the files of it (CHAT-FOLDER-2). */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { DecodeError } from './errors.ts';
import { enumeration, readFields, u16, u53, writeFields } from './fields.ts';
import type { FilePath } from './identifiers.ts';
import { FOLDER_ENTRIES_MAX, FOLDER_FILE_BYTES_MAX, FOLDER_MANIFEST_BYTES_MAX } from './limits.ts';
import { filePath, time } from './messages/shared-fields.ts';

/** A file or a folder below the one that is downloaded. */
export interface FolderEntry {
  readonly kind: 'folder' | 'file';
  /** Permission bits of user, group and others. */
  readonly mode: number;
  /** Whole milliseconds since 1970. */
  readonly modifiedAt: number;
  /** 0 of a folder. */
  readonly size: number;
  /** Below the folder. */
  readonly path: FilePath;
}

const fields = {
  kind: enumeration({ folder: 1, file: 2 }),
  mode: u16,
  modifiedAt: time,
  size: u53,
  path: filePath,
};

const MODE_MAX = 0o777;

/** Whether an entry is a file that travels in the stream of its folder; a larger one is fetched by itself. */
// CHAT-FOLDER-3
export function travelsInFolder({ kind, size }: Pick<FolderEntry, 'kind' | 'size'>): boolean {
  return kind === 'file' && size <= FOLDER_FILE_BYTES_MAX;
}

/** The bytes of a list, whose entries have to be in order. */
export function encodeFolderManifest(entries: readonly FolderEntry[]): Uint8Array {
  const writer = new ByteWriter(entries.length * 64 + 4);
  writer.u32(entries.length);
  for (const entry of entries) writeFields(writer, fields, entry);
  return writer.finish();
}

/**
 * Reads a list and checks it: a program that follows it makes nothing twice, nothing outside of its folder, and each folder
 * before what is in it. Throws `DecodeError`.
 */
// CHAT-FOLDER-2
export function decodeFolderManifest(bytes: Uint8Array): readonly FolderEntry[] {
  if (bytes.byteLength > FOLDER_MANIFEST_BYTES_MAX) {
    throw new DecodeError(
      'value-too-large',
      `a folder's list has at most ${FOLDER_MANIFEST_BYTES_MAX} bytes`,
    );
  }
  const reader = new ByteReader(bytes);
  const count = reader.u32();
  if (count > FOLDER_ENTRIES_MAX) {
    throw new DecodeError(
      'value-too-large',
      `a folder has at most ${FOLDER_ENTRIES_MAX} entries, not ${count}`,
    );
  }
  const entries: FolderEntry[] = [];
  const folders = new Set<string>();
  for (let index = 0; index < count; index += 1) {
    const entry = readFields(reader, fields);
    const trouble = troubleWith(entry, entries.at(-1), folders);
    if (trouble !== undefined) throw new DecodeError('value-invalid', `${entry.path}: ${trouble}`);
    if (entry.kind === 'folder') folders.add(entry.path);
    entries.push(entry);
  }
  if (reader.remaining > 0)
    throw new DecodeError('value-invalid', 'there is more than the list of the folder');
  return entries;
}

function troubleWith(
  { kind, mode, size, path }: FolderEntry,
  previous: FolderEntry | undefined,
  folders: ReadonlySet<string>,
): string | undefined {
  if (previous !== undefined && path <= previous.path) return 'expected paths in ascending order';
  if (mode > MODE_MAX) return `expected permission bits, got ${mode}`;
  if (kind === 'folder' && size > 0) return 'a folder has no size';
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  return parent === '' || folders.has(parent) ? undefined : 'expected its folder before it';
}
