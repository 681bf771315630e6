import { Buffer } from 'node:buffer';
import { type Address, formatAddress } from '@parley/netsim';
import type { SeenConnection } from './attacker.ts';

const SYN_TYPE = 0x01;
const SYN_ACK_TYPE = 0x02;
const DESTINATION_AT = 3;
const SOURCE_AT = 15;
const ID_BYTES = 8;

/** Reads handshakes off the wire, as somebody on the path can: it knows which two connections belong together. */
export class Sniffer {
  readonly #clientIdByServerId = new Map<string, string>();
  readonly #seen = new Map<string, SeenConnection>();
  /** Where the SYN-ACKs of a server's connection went. */
  readonly #answered = new Map<string, Map<string, Address>>();

  /** A datagram leaves one of the endpoints. */
  onSent(remote: Address, bytes: Uint8Array): void {
    if (bytes[0] === SYN_TYPE) {
      const clientId = bytes.slice(SOURCE_AT, SOURCE_AT + ID_BYTES);
      if (!this.#seen.has(textOf(clientId)))
        this.#seen.set(textOf(clientId), { clientId, serverId: undefined });
    } else if (bytes[0] === SYN_ACK_TYPE) {
      const clientId = bytes.slice(DESTINATION_AT, DESTINATION_AT + ID_BYTES);
      const serverId = bytes.slice(SOURCE_AT, SOURCE_AT + ID_BYTES);
      this.#clientIdByServerId.set(textOf(serverId), textOf(clientId));
      this.#seen.set(textOf(clientId), { clientId, serverId });
      const addresses = this.#answered.get(textOf(serverId)) ?? new Map<string, Address>();
      this.#answered.set(textOf(serverId), addresses.set(formatAddress(remote), remote));
    }
  }

  /** The client's id of a connection, given the server's. */
  clientIdOf(serverId: string): string | undefined {
    return this.#clientIdByServerId.get(serverId);
  }

  /** The address that a client with the keys has proved, because nowhere else could it have read the SYN-ACK; undefined when there were several. */
  provedAddressOf(serverId: string): Address | undefined {
    const addresses = [...(this.#answered.get(serverId)?.values() ?? [])];
    return addresses.length === 1 ? addresses[0] : undefined;
  }

  /** All handshakes so far. */
  get seen(): SeenConnection[] {
    return [...this.#seen.values()];
  }
}

function textOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}
