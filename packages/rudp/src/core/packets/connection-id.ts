/** A connection id: 8 bytes chosen by the endpoint that receives packets with it, kept as 16 hexadecimal digits for use as a key. */
export type ConnectionId = string & { readonly brand: 'ConnectionId' };

/** Bytes of a connection id on the wire. */
export const CONNECTION_ID_BYTES = 8;

const hexadecimalPairs = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Reads the connection id that starts at `offset`. */
export function connectionIdAt(bytes: Uint8Array, offset: number): ConnectionId {
  let text = '';
  for (let index = offset; index < offset + CONNECTION_ID_BYTES; index += 1) {
    text += hexadecimalPairs[bytes[index] as number] as string;
  }
  return text as ConnectionId;
}

/** Reads connection ids and keeps the last: packets of one connection come in a row, and a text costs more than a comparison. */
export class ConnectionIdReader {
  readonly #lastBytes = new Uint8Array(CONNECTION_ID_BYTES);
  #last = connectionIdAt(this.#lastBytes, 0);

  /** The connection id that starts at `offset`. */
  at(bytes: Uint8Array, offset: number): ConnectionId {
    for (let index = 0; index < CONNECTION_ID_BYTES; index += 1) {
      if (bytes[offset + index] !== this.#lastBytes[index]) return this.#read(bytes, offset);
    }
    return this.#last;
  }

  #read(bytes: Uint8Array, offset: number): ConnectionId {
    this.#lastBytes.set(bytes.subarray(offset, offset + CONNECTION_ID_BYTES));
    this.#last = connectionIdAt(this.#lastBytes, 0);
    return this.#last;
  }
}
