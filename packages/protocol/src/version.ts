/** Version of the chat protocol that this package speaks. */
export const PROTOCOL_VERSION = 1;
