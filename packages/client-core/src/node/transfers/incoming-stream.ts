import type { TransferOutcome } from '@parley/protocol';
import type { PositionalSink, StreamConnection } from '@parley/rudp';
import type { DownloadOffer } from '../../transfers/download.ts';
import type { TransferRoute } from '../../transfers/running-transfer.ts';
import type { PaidReceiving } from './transfer-rate.ts';
import { type RaceParts, TransportRace } from './transport-race.ts';

/** The stream of one transfer while it arrives. */
export interface IncomingStream {
  /** Resolves with the count of its bytes when all of them arrived, rejects when it broke. */
  readonly ended: Promise<number>;
  /** Lets the server wait; the connection is kept alive. */
  pause(): void;
  resume(): void;
  /** Ends it early; whether the rest is wanted soon, the outcome says. */
  reset(outcome: TransferOutcome, reason: string): void;
}

/** Who takes a stream. */
export interface StreamReceiver {
  /** Gets the bytes in the order in which they come. */
  readonly sink: PositionalSink;
  readonly onEstablished: (route: TransferRoute) => void;
}

/** Opens the stream that an offer leads to. */
export type OpenStream = (offer: DownloadOffer, receiver: StreamReceiver) => IncomingStream;

/** Takes the bytes of a stream in their order. What it throws ends the stream; while a promise is open nothing more comes. */
interface StreamReader {
  take(bytes: Uint8Array): Promise<void> | undefined;
}

/** Opens the stream that an offer leads to, to be read in order. */
export type OpenReading = (
  offer: DownloadOffer,
  receiver: { readonly reader: StreamReader; readonly onEstablished: (route: TransferRoute) => void },
) => IncomingStream;

/** Opens it over whichever transport gets through. */
export function openIncomingStream(
  offer: DownloadOffer,
  { sink, onEstablished }: StreamReceiver,
  parts: RaceParts,
): IncomingStream {
  const attach: Attach = (connection, receiving) => {
    connection.receiveInto({
      write: (offset, bytes) => {
        sink.write(offset, bytes);
        receiving.add(bytes.byteLength);
      },
    });
  };
  return openStream(offer, { attach, onEstablished }, parts);
}

/** The same, for who reads in order. */
export function openReadingStream(
  offer: DownloadOffer,
  { reader, onEstablished }: Parameters<OpenReading>[1],
  parts: RaceParts,
): IncomingStream {
  const attach: Attach = (connection, receiving) => {
    connection.on('data', (bytes: Uint8Array) => receiving.add(bytes.byteLength));
    readInto(connection, reader);
  };
  return openStream(offer, { attach, onEstablished }, parts);
}

/** Has somebody take what arrives, and what arrives be paid for. */
type Attach = (connection: StreamConnection, receiving: PaidReceiving) => void;

function openStream(
  offer: DownloadOffer,
  {
    attach,
    onEstablished,
  }: Pick<StreamReceiver, 'onEstablished'> & {
    readonly attach: Attach;
  },
  parts: RaceParts,
): IncomingStream {
  let isPaused = false;
  const receivings: PaidReceiving[] = [];
  const setPaused = (value: boolean): void => {
    isPaused = value;
    for (const receiving of receivings) receiving.isPaused = value;
  };
  let race: TransportRace | undefined;
  const ended = new Promise<number>((resolve, reject) => {
    race = new TransportRace(
      offer,
      {
        onOpened: (connection) => {
          const receiving = parts.rate.joinReceiving(connection);
          receivings.push(receiving);
          attach(connection, receiving);
          if (isPaused) receiving.isPaused = true;
          connection.once('end', () => {
            connection.end();
            race?.finish();
            resolve(connection.receivedBytesContiguous);
          });
        },
        onEstablished: (_, route) => onEstablished(route),
        onFailed: reject,
      },
      parts,
    );
  });
  return {
    ended,
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    reset: (outcome, reason) => race?.reset(outcome, reason),
  };
}

function readInto(connection: StreamConnection, reader: StreamReader): void {
  connection.on('data', (bytes: Uint8Array) => {
    try {
      const pause = reader.take(bytes);
      if (pause === undefined) return;
      connection.pause();
      void pause.finally(() => connection.resume());
    } catch (error) {
      connection.destroy(error as Error);
    }
  });
}
