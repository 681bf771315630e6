/** A connection id: 8 bytes chosen by the endpoint that receives packets with it, kept as 16 hexadecimal digits for use as a key. */
export type ConnectionId = string & { readonly brand: 'ConnectionId' };

/** Bytes of a connection id on the wire. */
export const connectionIdBytes = 8;

const hexadecimalPairs = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** Reads the connection id that starts at `offset`. */
export function connectionIdAt(bytes: Uint8Array, offset: number): ConnectionId {
  let text = '';
  for (let index = offset; index < offset + connectionIdBytes; index += 1) {
    text += hexadecimalPairs[bytes[index] as number] as string;
  }
  return text as ConnectionId;
}
