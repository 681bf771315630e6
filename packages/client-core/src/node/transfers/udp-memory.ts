/** Servers that are remembered; the one that was noted first is forgotten first. */
const serversMax = 100;

/** A server's port for transfers. */
interface UdpPlace {
  readonly host: string;
  readonly udpPort: number;
}

/** To which servers UDP did not get through the last time. */
// CHAT-TCP-6
export class UdpMemory {
  readonly #blocked = new Set<string>();

  isBlocked(place: UdpPlace): boolean {
    return this.#blocked.has(keyOf(place));
  }

  block(place: UdpPlace): void {
    const [oldest] = this.#blocked;
    if (this.#blocked.size === serversMax && oldest !== undefined) this.#blocked.delete(oldest);
    this.#blocked.add(keyOf(place));
  }

  forget(place: UdpPlace): void {
    this.#blocked.delete(keyOf(place));
  }
}

function keyOf({ host, udpPort }: UdpPlace): string {
  return `${host} ${udpPort}`;
}
