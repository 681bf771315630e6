/** A connection id: 8 bytes chosen by the endpoint that receives packets with it, kept as 16 hexadecimal digits for use as a key. */
export type ConnectionId = string & { readonly brand: 'ConnectionId' };

/** Bytes of a connection id. */
export const CONNECTION_ID_BYTES = 8;

/** Bytes of its beginning, which is all that most DATA packets carry: no two connections of an endpoint share it. */
export const SHORT_ID_BYTES = 4;

const hexadecimalPairs = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Reads the connection id that starts at `offset`. */
export function connectionIdAt(bytes: Uint8Array, offset: number): ConnectionId {
  let text = '';
  for (let index = offset; index < offset + CONNECTION_ID_BYTES; index += 1) {
    text += hexadecimalPairs[bytes[index] as number] as string;
  }
  return text as ConnectionId;
}

/** The first four bytes of the id at `offset` as an integer: for each DATA packet, so no text is made. */
export function shortIdAt(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}

/** The same of an id that is a text. */
export function shortIdOf(id: ConnectionId): number {
  return Number.parseInt(id.slice(0, 2 * SHORT_ID_BYTES), 16) | 0;
}
