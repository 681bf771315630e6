/** Where a datagram comes from or goes to, as the endpoints see it. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Addresses as text, for keys and for messages. */
export function formatAddress(address: Address): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}
