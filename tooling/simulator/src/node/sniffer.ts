import { Buffer } from 'node:buffer';
import type { SeenConnection } from './attacker.ts';

const synType = 0x01;
const synAckType = 0x02;
const destinationAt = 3;
const sourceAt = 15;
const idBytes = 8;

/** Reads handshakes off the wire, as somebody on the path can: it knows which two connections belong together. */
export class Sniffer {
  readonly #clientIdByServerId = new Map<string, string>();
  readonly #seen = new Map<string, SeenConnection>();

  /** A datagram leaves one of the endpoints. */
  onSent(bytes: Uint8Array): void {
    if (bytes[0] === synType) {
      const clientId = bytes.slice(sourceAt, sourceAt + idBytes);
      if (!this.#seen.has(textOf(clientId)))
        this.#seen.set(textOf(clientId), { clientId, serverId: undefined });
    } else if (bytes[0] === synAckType) {
      const clientId = bytes.slice(destinationAt, destinationAt + idBytes);
      const serverId = bytes.slice(sourceAt, sourceAt + idBytes);
      this.#clientIdByServerId.set(textOf(serverId), textOf(clientId));
      this.#seen.set(textOf(clientId), { clientId, serverId });
    }
  }

  /** The client's id of a connection, given the server's. */
  clientIdOf(serverId: string): string | undefined {
    return this.#clientIdByServerId.get(serverId);
  }

  /** All handshakes so far. */
  get seen(): SeenConnection[] {
    return [...this.#seen.values()];
  }
}

function textOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}
