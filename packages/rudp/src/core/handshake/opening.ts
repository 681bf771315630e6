import type { HandshakeResult, PreSharedKey } from './handshake.ts';
import type { PathHint } from './path-hint.ts';

/** The server's answer to a SYN that was checked. */
export interface AcceptedSyn extends HandshakeResult {
  readonly synAck: Uint8Array;
  readonly remoteId: Uint8Array;
  readonly synBytes: number;
  /** A cookie has shown that the sender of the SYN receives at its address. */
  readonly isAddressValidated: boolean;
  readonly context: unknown;
  readonly pathHint: PathHint | undefined;
}

/** The client opens with a SYN of its own, the server with the answer to one. */
export type Opening =
  | {
      readonly preSharedKey: PreSharedKey | undefined;
      /** The only long-term key of the server that will do. */
      readonly serverIdentity: Uint8Array | undefined;
      readonly pathHint: PathHint | undefined;
    }
  | { readonly accepted: AcceptedSyn };
