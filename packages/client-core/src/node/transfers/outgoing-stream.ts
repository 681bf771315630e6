import type { TransferOutcome } from '@parley/protocol';
import type { RateShare, StreamConnection } from '@parley/rudp';
import type { TransferRoute } from '../../transfers/running-transfer.ts';
import type { UploadOffer } from '../../transfers/upload.ts';
import { TransferError } from './transfer-error.ts';
import { type RaceParts, TransportRace } from './transport-race.ts';

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
export type OpenOutgoingStream = (
  offer: UploadOffer,
  listener: {
    readonly onEstablished: (route: TransferRoute) => void;
    /** Gets what the server says; what it throws ends the stream. */
    readonly onAnswer: (bytes: Uint8Array) => void;
  },
) => OutgoingStream;

/** Opens it over whichever transport gets through. */
export function openOutgoingStream(
  offer: UploadOffer,
  { onEstablished, onAnswer }: Parameters<OpenOutgoingStream>[1],
  parts: RaceParts,
): OutgoingStream {
  let connection: StreamConnection | undefined;
  let share: RateShare | undefined;
  /** What is to be sent on the connection, once it is known which one that is. */
  let waiting: ((winner: StreamConnection) => void) | undefined;
  let race: TransportRace | undefined;
  const confirmed = new Promise<void>((resolve, reject) => {
    race = new TransportRace(
      offer,
      {
        onOpened: (opened) => {
          opened.on('data', (bytes: Uint8Array) => {
            try {
              onAnswer(bytes);
            } catch (error) {
              reject(error);
            }
          });
          // CHAT-UPLOAD-4
          opened.once('end', () => {
            race?.finish();
            if (opened.writableEnded) resolve();
            else
              reject(new TransferError('protocol-violation', 'the server confirmed what it does not have'));
          });
        },
        onEstablished: (winner, route) => {
          connection = winner;
          share = parts.rate.joinSending(winner);
          onEstablished(route);
          waiting?.(winner);
        },
        onFailed: reject,
      },
      parts,
    );
  });
  const whenKnown = (send: (winner: StreamConnection) => void): void => {
    if (connection === undefined) waiting = send;
    else send(connection);
  };
  return {
    confirmed,
    get acknowledgedBytes() {
      return connection?.acknowledgedBytes ?? 0;
    },
    write: (bytes, onTaken) =>
      whenKnown((winner) => {
        share?.takeEach(
          bytes,
          (piece, next) => void winner.write(piece, (error) => void (error ?? next())),
          onTaken,
        );
      }),
    end: (onArrived) =>
      whenKnown((winner) => {
        race?.stay();
        winner.end(onArrived);
      }),
    // CHAT-TRANSFER-9
    reset: (outcome, reason) => race?.reset(outcome, reason),
  };
}
