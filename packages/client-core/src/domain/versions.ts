import { PROTOCOL_VERSION } from '@parley/protocol';
import { TRANSPORT_VERSION } from '@parley/rudp/core';

/** The protocol and transport versions that this client speaks. */
export function clientVersions(): { protocol: number; transport: number } {
  return { protocol: PROTOCOL_VERSION, transport: TRANSPORT_VERSION };
}
