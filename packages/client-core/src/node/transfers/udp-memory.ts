import { UDP_RETURN_MS, UDP_RETURN_MS_MAX } from '../limits.ts';

/** Servers that are remembered; the one that was noted first is forgotten first. */
const SERVERS_MAX = 100;

/** A server's port for transfers. */
interface UdpPlace {
  readonly host: string;
  readonly udpPort: number;
}

/** What is remembered of one. */
interface UdpRecord {
  isBlocked: boolean;
  /** How often UDP fell silent since a transfer ended well over it. */
  silences: number;
}

/** To which servers UDP did not get through the last time, and where it is not to be relied on. */
// CHAT-TCP-6
export class UdpMemory {
  readonly #records = new Map<string, UdpRecord>();

  isBlocked(place: UdpPlace): boolean {
    return this.#records.get(keyOf(place))?.isBlocked ?? false;
  }

  /** Nobody answered. */
  block(place: UdpPlace): void {
    this.#recordOf(place).isBlocked = true;
  }

  /** A connection that was there fell silent. */
  doubt(place: UdpPlace): void {
    const record = this.#recordOf(place);
    record.isBlocked = true;
    record.silences += 1;
  }

  /** Somebody answered. */
  forget(place: UdpPlace): void {
    const record = this.#records.get(keyOf(place));
    if (record === undefined) return;
    record.isBlocked = false;
    if (record.silences === 0) this.#records.delete(keyOf(place));
  }

  /** A transfer has ended well over UDP. */
  trust(place: UdpPlace): void {
    this.#records.delete(keyOf(place));
  }

  /** How long a transfer goes on over TLS before it asks for UDP again, in milliseconds. */
  returnAfterMs(place: UdpPlace): number {
    const silences = this.#records.get(keyOf(place))?.silences ?? 0;
    return Math.min(UDP_RETURN_MS_MAX, UDP_RETURN_MS * 2 ** Math.max(0, silences - 1));
  }

  #recordOf(place: UdpPlace): UdpRecord {
    const key = keyOf(place);
    let record = this.#records.get(key);
    if (record !== undefined) return record;
    const [oldest] = this.#records.keys();
    if (this.#records.size === SERVERS_MAX && oldest !== undefined) this.#records.delete(oldest);
    record = { isBlocked: false, silences: 0 };
    this.#records.set(key, record);
    return record;
  }
}

function keyOf({ host, udpPort }: UdpPlace): string {
  return `${host} ${udpPort}`;
}
