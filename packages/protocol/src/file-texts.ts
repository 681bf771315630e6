/** The texts that name files: what a server says of an upload, what a client says of what was sent to its user, and any other. */

/** `file:NAME`, or `file:"NAME"` when there is a space in it. */
const REFERENCE = String.raw`file:(?:"([^"\n]+)"|([^\s"]+))`;

const REFERENCES = new RegExp(String.raw`(?:^|\s)${REFERENCE}`, 'u');
const ANNOUNCEMENT = new RegExp(String.raw`^${REFERENCE} \((?:(\d{1,6}) files, )?(\d{1,16}) bytes\)$`, 'u');
const OUTCOME = new RegExp(`^${REFERENCE} (accepted|declined)$`, 'u');

/** What a server says of a file or a folder that somebody has uploaded. */
export interface FileAnnouncement {
  /** By this it is fetched; that of a folder ends with a slash. */
  readonly path: string;
  /** Bytes, of all files together. */
  readonly size: number;
  /** How many files a folder has; undefined for a file. */
  readonly files: number | undefined;
}

/** What came of something that one user has sent to another. */
export interface SentOutcome {
  /** Of what was sent, as in its announcement. */
  readonly path: string;
  readonly outcome: 'accepted' | 'declined';
}

/** The path of the first file that a text names; undefined when it names none. */
// CHAT-SEARCH-2
export function findFileReference(text: string): string | undefined {
  const [, spaced, plain] = REFERENCES.exec(text) ?? [];
  return spaced ?? plain;
}

/** The text that tells a room of an upload. */
// CHAT-UPLOAD-6, CHAT-FOLDER-8
export function formatFileAnnouncement({ path, size, files }: FileAnnouncement): string {
  const extent = files === undefined ? `${size} bytes` : `${files} files, ${size} bytes`;
  return `${reference(path)} (${extent})`;
}

/** What such a text tells; undefined for any other text. */
export function parseFileAnnouncement(text: string): FileAnnouncement | undefined {
  const [, spaced, plain, files, bytes] = ANNOUNCEMENT.exec(text) ?? [];
  const path = spaced ?? plain;
  if (path === undefined) return undefined;
  return { path, size: Number(bytes), files: files === undefined ? undefined : Number(files) };
}

/** The text that tells a sender what came of what was sent. */
// CHAT-SEND-5
export function formatSentOutcome({ path, outcome }: SentOutcome): string {
  return `${reference(path)} ${outcome}`;
}

/** What such a text tells; undefined for any other text. */
export function parseSentOutcome(text: string): SentOutcome | undefined {
  const [, spaced, plain, outcome] = OUTCOME.exec(text) ?? [];
  const path = spaced ?? plain;
  return path === undefined ? undefined : { path, outcome: outcome as SentOutcome['outcome'] };
}

function reference(path: string): string {
  return `file:${/\s/.test(path) ? `"${path}"` : path}`;
}
