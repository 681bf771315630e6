import type { PositionalSink, RudpConfig, UdpIo } from '@parley/rudp';
import { connect as connectOverUdp, derivePreSharedKey } from '@parley/rudp';
import type { DownloadOffer } from '../transfers/download-host.ts';
import { DownloadError, resetCodeOf } from './download-failure.ts';
import { KEEP_ALIVE_MS } from './limits.ts';

/** The stream of one transfer while it arrives. */
export interface IncomingStream {
  /** Resolves with the count of its bytes when all of them arrived, rejects when it broke. */
  readonly ended: Promise<number>;
  /** Stops granting credit; the connection is kept alive. */
  pause(): void;
  resume(): void;
  /** Ends it early. */
  reset(reason: string): void;
}

/** Opens the stream that an offer leads to; `sink` gets its bytes in the order in which they come. */
export type OpenStream = (
  offer: DownloadOffer,
  receiver: { readonly sink: PositionalSink; readonly onEstablished: () => void },
) => IncomingStream;

/** Opens streams over UDP. */
export function createStreamOpener(options: {
  readonly config?: Partial<RudpConfig> | undefined;
  readonly io?: UdpIo | undefined;
  readonly qlogDirectory?: string | undefined;
  /** Stands in for the one of `@parley/rudp`. */
  readonly connect?: typeof connectOverUdp | undefined;
}): OpenStream {
  const { config, io, qlogDirectory, connect = connectOverUdp } = options;
  return ({ host, udpPort, ticket }, { sink, onEstablished }) => {
    const connection = connect({
      host,
      port: udpPort,
      preSharedKey: derivePreSharedKey(ticket),
      config: { keepAliveMs: KEEP_ALIVE_MS, ...config },
      ...(io === undefined ? {} : { io }),
      ...(qlogDirectory === undefined ? {} : { qlogDirectory }),
    });
    connection.receiveInto(sink);
    const ended = new Promise<number>((resolve, reject) => {
      connection.once('established', onEstablished);
      connection.on('error', reject);
      connection.once('end', () => {
        connection.end();
        resolve(connection.receivedBytesContiguous);
      });
      connection.once('close', () => {
        reject(new DownloadError('connection-lost', 'the connection was closed before the end of the file'));
      });
    });
    return {
      ended,
      pause: () => connection.pauseReceiving(),
      resume: () => connection.resumeReceiving(),
      // CHAT-TRANSFER-9
      reset: (reason) => connection.reset(resetCodeOf('cancelled'), reason),
    };
  };
}
