import type { TransferOutcome } from '@parley/protocol';
import type { RudpConfig, UdpIo } from '@parley/rudp';
import { connect, derivePreSharedKey } from '@parley/rudp';
import type { UploadOffer } from '../transfers/upload-host.ts';
import { DownloadError, resetCodeOf } from './download-failure.ts';
import { KEEP_ALIVE_MS } from './limits.ts';

/** The stream of one upload while it is sent. */
export interface OutgoingStream {
  /** Resolves when the server has confirmed all of it, rejects when it broke. */
  readonly confirmed: Promise<void>;
  /** Bytes that have arrived at the server. */
  readonly acknowledgedBytes: number;
  /** Sends bytes; `onTaken` is called when more may come, and the bytes are free again. */
  write(bytes: Uint8Array, onTaken: () => void): void;
  /** There are no more bytes; `onArrived` is called when all of them are at the server. */
  end(onArrived: () => void): void;
  /** Ends it early; what becomes of the bytes that arrived, the outcome says. */
  reset(outcome: TransferOutcome, reason: string): void;
}

/** Opens the stream that an offer leads to. */
export function openOutgoingStream(
  { host, udpPort, ticket }: UploadOffer,
  onEstablished: () => void,
  options: {
    readonly config?: Partial<RudpConfig> | undefined;
    readonly io?: UdpIo | undefined;
    readonly qlogDirectory?: string | undefined;
  },
): OutgoingStream {
  const { config, io, qlogDirectory } = options;
  const connection = connect({
    host,
    port: udpPort,
    preSharedKey: derivePreSharedKey(ticket),
    config: { keepAliveMs: KEEP_ALIVE_MS, ...config },
    ...(io === undefined ? {} : { io }),
    ...(qlogDirectory === undefined ? {} : { qlogDirectory }),
  });
  const confirmed = new Promise<void>((resolve, reject) => {
    connection.once('established', onEstablished);
    connection.on('error', reject);
    connection.once('data', () =>
      reject(new DownloadError('protocol-violation', 'the server sent bytes into an upload')),
    );
    // CHAT-UPLOAD-4
    connection.once('end', () => {
      if (connection.writableEnded) resolve();
      else reject(new DownloadError('protocol-violation', 'the server confirmed what it does not have'));
    });
    connection.once('close', () => {
      reject(new DownloadError('connection-lost', 'the connection was closed before the server confirmed'));
    });
  });
  return {
    confirmed,
    get acknowledgedBytes() {
      return connection.acknowledgedBytes;
    },
    write: (bytes, onTaken) => void connection.write(bytes, (error) => void (error ?? onTaken())),
    end: (onArrived) => void connection.end(onArrived),
    // CHAT-TRANSFER-9
    reset: (outcome, reason) => void connection.reset(resetCodeOf(outcome), reason),
  };
}
