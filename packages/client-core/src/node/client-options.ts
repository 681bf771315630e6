import type { UserSecret } from '@parley/protocol';
import type { TransferHost } from '../transfers/transfer-host.ts';
import type { CheckServer } from './connection/server-identity.ts';

/** What a client is made with. */
export interface ParleyClientOptions {
  readonly host: string;
  readonly port: number;
  /**
   * TLS, and who decides whether the server is the right one (`trustRoots`, or a check of fingerprints). Without it the
   * client speaks plain TCP, which everybody on the way can read and change.
   */
  readonly tls?: { readonly checkServer: CheckServer };
  /** Name and version of the program; the server may log it. */
  readonly agent?: string;
  /** 32 random bytes that the server knows this user by; whoever has them, is this user. New ones unless given. */
  readonly secret?: UserSecret;
  /**
   * Whether to come back by itself when the connection is lost, to send then what was not accepted and to go on with what was
   * downloaded; a number says how many vain tries in a row are enough.
   */
  readonly reconnects?: boolean | number;
  /** Transfers that are open at the server at a time, four unless given; the others wait, by their priority. */
  readonly transfersOpenMax?: number | undefined;
  /** Where downloads go when nothing else is said, and where their relative paths start. */
  readonly downloadFolder: string;
  /** Gets ready for the first transfer while it connects: that then begins sooner. For who comes for files; a thread more costs memory. */
  readonly preparesTransfers?: boolean | undefined;
  /** Makes what moves files: a worker thread, unless given. Called at the first transfer or when that is prepared, closed with the client. */
  readonly createTransferHost?: () => TransferHost;
}
