import { troubleInText, utf8ByteLength } from '@parley/protocol';
import type { UploadRule } from '../domain/server-state.ts';
import type { TransferHost } from '../transfers/transfer-host.ts';
import type { UploadLimits } from './uploads/upload-inbox.ts';

/** What a server shares, and who moves it. */
export interface SharedFilesOptions {
  /** Absolute path of the shared folder. */
  readonly folder: string;
  /** Moves the files. The server closes it when it stops. */
  readonly transferHost: TransferHost;
  /** UDP port that clients are told when it is not the host's own, because something relays it. */
  readonly udpPortAdvertised?: number;
  /** Who may add files; nobody unless given. */
  readonly uploads?: UploadRule;
  readonly uploadLimits?: Partial<UploadLimits>;
}

/** How a server stops. */
export interface StopOptions {
  /** What clients are told. */
  readonly message?: string;
  /** When clients may come back; absent: not by themselves. */
  readonly reconnectAfterMs?: number;
  /** The times that clients are told are spread over this one, so that they do not come all at once; 0 unless given. */
  readonly reconnectSpreadMs?: number;
  /** How long open transfers are waited for, while nothing new begins; 0 unless given. */
  readonly drainMaxMs?: number;
}

/** A server option that makes no sense. */
export class ServerOptionError extends Error {
  override readonly name = 'ServerOptionError';
  readonly code = 'server-option-invalid';
}

/** OpenSSL's words for a key that is none are for those who know OpenSSL. */
export function explainIdentity<Result>(useIdentity: () => Result): Result {
  try {
    return useIdentity();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith('ERR_OSSL') !== true) throw error;
    const problem = code.includes('KEY_VALUES_MISMATCH') ? 'are no pair' : `cannot be used (${message})`;
    throw new ServerOptionError(`the key and the certificate for TLS ${problem}`, { cause: error });
  }
}

/** Throws for text that clients could not be shown. */
export function checkShownText(option: string, text: string, bytesMax: number): void {
  const trouble = troubleInText(text);
  if (trouble !== undefined) throw new ServerOptionError(`${option}: ${trouble}`);
  const bytes = utf8ByteLength(text);
  if (bytes <= bytesMax) return;
  throw new ServerOptionError(`${option} has at most ${bytesMax} bytes, this one has ${bytes}`);
}
