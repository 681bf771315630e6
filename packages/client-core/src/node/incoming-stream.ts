import type { PositionalSink } from '@parley/rudp';
import type { DownloadOffer, TransferRoute } from '../transfers/download-host.ts';
import { type RaceParts, TransportRace } from './transport-race.ts';

/** The stream of one transfer while it arrives. */
export interface IncomingStream {
  /** Resolves with the count of its bytes when all of them arrived, rejects when it broke. */
  readonly ended: Promise<number>;
  /** Lets the server wait; the connection is kept alive. */
  pause(): void;
  resume(): void;
  /** Ends it early. */
  reset(reason: string): void;
}

/** Who takes a stream. */
export interface StreamReceiver {
  /** Gets the bytes in the order in which they come. */
  readonly sink: PositionalSink;
  readonly onEstablished: (route: TransferRoute) => void;
}

/** Opens the stream that an offer leads to. */
export type OpenStream = (offer: DownloadOffer, receiver: StreamReceiver) => IncomingStream;

/** Opens it over whichever transport gets through. */
export function openIncomingStream(
  offer: DownloadOffer,
  { sink, onEstablished }: StreamReceiver,
  parts: RaceParts,
): IncomingStream {
  let isPaused = false;
  let race: TransportRace | undefined;
  const ended = new Promise<number>((resolve, reject) => {
    race = new TransportRace(
      offer,
      {
        onOpened: (connection) => {
          connection.receiveInto(sink);
          if (isPaused) connection.pauseReceiving();
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
    pause: () => {
      isPaused = true;
      for (const connection of race?.connections ?? []) connection.pauseReceiving();
    },
    resume: () => {
      isPaused = false;
      for (const connection of race?.connections ?? []) connection.resumeReceiving();
    },
    reset: (reason) => race?.reset('cancelled', reason),
  };
}
