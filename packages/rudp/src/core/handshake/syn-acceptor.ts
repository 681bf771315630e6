import { InvalidConfigError, type RudpConfig } from '../config.ts';
import type { Connection } from '../connection.ts';
import type { CryptoProvider } from '../keys/crypto.ts';
import { HALF_OPEN_CONNECTIONS_MAX, HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE } from '../limits.ts';
import { CONNECTION_ID_BYTES, type ConnectionId, connectionIdAt } from '../packets/connection-id.ts';
import type { RemoteAddress } from '../packets/datagrams.ts';
import { MalformedPacketError } from '../structures/byte-reader.ts';
import { CookieJar } from './cookie.ts';
import { answerSyn, decodeSyn, isSynBound, PROOF_BYTES, type Syn } from './handshake.ts';
import type { AcceptedSyn } from './opening.ts';
import { type PathHint, parsePathHint } from './path-hint.ts';
import { clientIdBytes, encodeReject, RejectCode } from './reject.ts';
import type { ServerIdentity } from './server-identity.ts';

/** What a listener knows of a pre-shared key that a SYN names. */
export interface AcceptedPreSharedKey {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** Handed to the connection. */
  readonly context?: unknown;
  /** Called once, when a SYN has proved that it holds the key: a single-use key is forgotten here. */
  readonly consume?: () => void;
  /** What an earlier connection of the same client has measured of the path; one that makes no sense is left out. */
  readonly pathHint?: PathHint | undefined;
}

/** What the acceptor needs of its endpoint. */
export interface SynAcceptorOptions {
  readonly crypto: CryptoProvider;
  /** May change until the first SYN comes: the socket has its say. */
  readonly config: () => RudpConfig;
  /** Versions that the endpoint speaks, best first. */
  readonly versions: readonly number[];
  /** The long-term key that the server proves to each client. */
  readonly identity: ServerIdentity | undefined;
  readonly acceptPreSharedKey: ((identity: Uint8Array) => AcceptedPreSharedKey | undefined) | undefined;
  readonly newConnectionId: () => { readonly text: ConnectionId; readonly bytes: Uint8Array };
  /** The token of the stateless resets of the connection with this id. */
  readonly resetTokenFor: (localId: Uint8Array) => Uint8Array;
  /** Sends one packet that belongs to no connection. */
  readonly reply: (remote: RemoteAddress, bytes: Uint8Array) => void;
}

/** A SYN that deserves a connection. */
export interface SynToAccept {
  readonly clientId: ConnectionId;
  readonly localId: { readonly text: ConnectionId; readonly bytes: Uint8Array };
  readonly accepted: AcceptedSyn;
  /** To be called with the connection that is made of it. */
  readonly register: (connection: Connection) => void;
}

/** A SYN that came at the right time: what is known of its sender. */
interface CheckedSyn extends Syn {
  readonly synKey: string;
  readonly clientIdBytes: Uint8Array;
  /** A cookie has shown that the sender receives at its address. */
  readonly isAddressValidated: boolean;
}

/** The door of a listener: which SYN becomes a connection, which gets another answer, and which none. */
export class SynAcceptor {
  readonly #options: SynAcceptorOptions;
  readonly #cookies: CookieJar;
  /** Connections by what made them, so that a repeated SYN finds its own, from whichever address it comes. */
  readonly #bySyn = new Map<string, Connection>();
  readonly #synKeys = new Map<Connection, string>();
  readonly #halfOpen = new Set<Connection>();

  constructor(options: SynAcceptorOptions) {
    this.#options = options;
    this.#cookies = new CookieJar(options.crypto);
  }

  /** The connection that the SYN has made before, or what one can be made of; undefined when it makes none. */
  handleSyn(now: number, remote: RemoteAddress, packet: Uint8Array): Connection | SynToAccept | undefined {
    const syn = decodeSynOrNothing(packet, this.#options.versions);
    if (syn === undefined) return undefined;
    const synKey = synKeyOf(syn.clientId, packet);
    const known = this.#bySyn.get(synKey);
    if (known !== undefined) return known;
    if (syn.publicKey === undefined) return this.#reject(remote, packet, RejectCode.versionUnsupported);
    // RUDP-SYN-9
    if (this.#halfOpen.size >= HALF_OPEN_CONNECTIONS_MAX) return undefined;
    const clientId = clientIdBytes(packet);
    const { cookie } = syn.parameters;
    const isAddressValidated = cookie !== undefined && this.#cookies.isValid(now, remote, clientId, cookie);
    if (!isAddressValidated && this.#halfOpen.size >= HALF_OPEN_CONNECTIONS_WITHOUT_COOKIE) {
      this.#options.reply(remote, this.#cookies.answer(now, remote, packet));
      return undefined;
    }
    return this.#accept(remote, packet, { ...syn, synKey, clientIdBytes: clientId, isAddressValidated });
  }

  /** The client has proved its keys. */
  handleEstablished(connection: Connection): void {
    this.#halfOpen.delete(connection);
  }

  forget(connection: Connection): void {
    this.#halfOpen.delete(connection);
    const synKey = this.#synKeys.get(connection);
    if (synKey !== undefined) this.#bySyn.delete(synKey);
    this.#synKeys.delete(connection);
  }

  #accept(remote: RemoteAddress, packet: Uint8Array, syn: CheckedSyn): SynToAccept | undefined {
    const { crypto, config, identity, acceptPreSharedKey } = this.#options;
    const preSharedKey = syn.identity.length === 0 ? undefined : acceptPreSharedKey?.(syn.identity);
    // RUDP-PSK-1
    const isKeyMissing =
      preSharedKey === undefined && (acceptPreSharedKey !== undefined || syn.identity.length > 0);
    if (isKeyMissing) return this.#reject(remote, packet, RejectCode.keyRefused);
    // A SYN with a wrong binder is damaged or forged: the genuine one may still come, so nothing is used up.
    if (!isSynBound(crypto, packet, preSharedKey?.key)) return undefined;
    if (this.#isDowngraded(syn)) return this.#reject(remote, packet, RejectCode.versionDowngraded);
    const localId = this.#options.newConnectionId();
    const answer = answerSyn(crypto, config(), syn, {
      packet,
      clientId: syn.clientIdBytes,
      localId: localId.bytes,
      preSharedKey: preSharedKey?.key,
      resetToken: this.#options.resetTokenFor(localId.bytes),
      identity,
    });
    if (answer === undefined) return this.#reject(remote, packet, RejectCode.handshakeFailed);
    preSharedKey?.consume?.();
    const accepted = {
      ...answer,
      remoteId: syn.clientIdBytes,
      synBytes: packet.length,
      isAddressValidated: syn.isAddressValidated,
      context: preSharedKey?.context,
      pathHint: preSharedKey?.pathHint && soundHint(preSharedKey.pathHint),
    };
    const register = (connection: Connection) => this.#register(syn.synKey, connection);
    return { clientId: syn.clientId, localId, accepted, register };
  }

  /** Somebody has made the client believe that a better version is not spoken here. */
  // RUDP-VERSION-3
  #isDowngraded({ version, parameters }: CheckedSyn): boolean {
    const best = parameters.versions?.find((offered) => this.#options.versions.includes(offered));
    return best !== undefined && best !== version;
  }

  #register(synKey: string, connection: Connection): void {
    this.#bySyn.set(synKey, connection);
    this.#synKeys.set(connection, synKey);
    this.#halfOpen.add(connection);
  }

  #reject(remote: RemoteAddress, syn: Uint8Array, code: number): undefined {
    this.#options.reply(
      remote,
      encodeReject(this.#options.crypto, syn, { code, versions: this.#options.versions }),
    );
  }
}

/** The client's id and the binder, which covers every byte: only the same SYN has the same key. */
// RUDP-PATH-8
function synKeyOf(clientId: ConnectionId, packet: Uint8Array): string {
  const binder = packet.length - PROOF_BYTES;
  return clientId + connectionIdAt(packet, binder) + connectionIdAt(packet, binder + CONNECTION_ID_BYTES);
}

function decodeSynOrNothing(
  packet: Uint8Array,
  versions: readonly number[],
): ReturnType<typeof decodeSyn> | undefined {
  try {
    return decodeSyn(packet, versions);
  } catch (error) {
    if (error instanceof MalformedPacketError) return undefined;
    throw error;
  }
}

function soundHint(hint: PathHint): PathHint | undefined {
  try {
    return parsePathHint(hint);
  } catch (error) {
    if (error instanceof InvalidConfigError) return undefined;
    throw error;
  }
}
