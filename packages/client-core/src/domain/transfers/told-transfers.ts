import type { ProgressState, RoomName } from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError } from '../errors.ts';
import { PROGRESS_TOLD_MS, PROGRESS_TOLD_MS_IN_ALL } from '../limits.ts';
import type { Session } from '../session/session.ts';
import { pathOfName, type Transfer } from './transfer.ts';
import { isTransferOver, type TransferState } from './transfer-state.ts';

interface ToldTransfer {
  readonly room: RoomName;
  /** By the clock of `now`. */
  toldAt: number;
}

/** Transfers that move, or will again: with the others there is nothing to tell yet. */
const TELLING_STATES: ReadonlySet<TransferState> = new Set([
  'connecting',
  'running',
  'paused',
  'interrupted',
  'verifying',
]);

/** The transfers of which rooms are told, because the user wants it: what to say, and when. */
// CHAT-PROGRESS-1
export class ToldTransfers {
  readonly #sink: EffectSink;
  readonly #session: Pick<Session, 'state'>;
  readonly #told = new Map<number, ToldTransfer>();
  #lastToldAt = Number.NEGATIVE_INFINITY;

  constructor(sink: EffectSink, session: Pick<Session, 'state'>) {
    this.#sink = sink;
    this.#session = session;
  }

  /** A room is to be told of a transfer from now on. */
  begin(transfer: Transfer, room: RoomName, now: number): void {
    const { number, direction } = transfer;
    const before = this.#told.get(number);
    if (before !== undefined) {
      throw new ClientError('wrong-state', `${before.room} is told of ${direction} ${number} already`);
    }
    this.#told.set(number, { room, toldAt: Number.NEGATIVE_INFINITY });
    this.tell(transfer, now);
  }

  /** The server does not want to hear of it. */
  end(number: number): void {
    this.#told.delete(number);
  }

  /** Tells of a snapshot, if that is wanted and due. What a connection that is away keeps from being told is not told later. */
  tell(transfer: Transfer, now: number): void {
    const told = this.#told.get(transfer.number);
    if (told === undefined) return;
    const isOver = isTransferOver(transfer.state);
    if (isOver) this.end(transfer.number);
    else if (!this.#isDue(transfer, told, now)) return;
    if (this.#session.state !== 'registered') return;
    told.toldAt = now;
    this.#lastToldAt = now;
    const { number: line, size = 0, receivedBytes: bytes, bytesPerSecond } = transfer;
    this.#sink.send({
      type: 'tell-progress',
      line,
      room: told.room,
      name: pathOfName(transfer.name),
      state: stateOf(transfer.state),
      size,
      bytes,
      bytesPerSecond: Math.round(bytesPerSecond),
    });
  }

  #isDue({ state, size }: Transfer, { toldAt }: ToldTransfer, now: number): boolean {
    if (!TELLING_STATES.has(state) || size === undefined) return false;
    return now - toldAt >= PROGRESS_TOLD_MS && now - this.#lastToldAt >= PROGRESS_TOLD_MS_IN_ALL;
  }
}

function stateOf(state: TransferState): ProgressState {
  if (state === 'completed' || state === 'failed') return state;
  return isTransferOver(state) ? 'stopped' : 'moving';
}
