import { ByteWriter } from './byte-writer.ts';
import type { Challenge, PublicKey } from './identifiers.ts';
import { encodeUtf8 } from './utf8.ts';

/** What a client signs to come in with a key. */
export interface LoginTranscript {
  /** The server's, for this once. */
  readonly challenge: Challenge;
  /** As `hello-ok` told it. */
  readonly serverName: string;
  /** `SHA256:…` of the server that the client sees (CHAT-TLS-2); empty on plain TCP. */
  readonly fingerprint: string;
  /** As the client sends it in `login-key`. */
  readonly nickname: string;
  readonly publicKey: PublicKey;
}

/** Says what is signed, so that no signature for anything else can be taken for one of a login. */
const CONTEXT = 'parley login 1';

/**
 * The bytes that are signed. Challenge, server and nickname are all in it: a signature is good for one login, of one user, at
 * the server whose identity the client has seen. One that stands in between shows another identity.
 */
// CHAT-KEY-2
export function loginTranscript(transcript: LoginTranscript): Uint8Array {
  const { challenge, serverName, fingerprint, nickname, publicKey } = transcript;
  const writer = new ByteWriter();
  for (const part of [
    encodeUtf8(CONTEXT),
    challenge,
    encodeUtf8(serverName),
    encodeUtf8(fingerprint),
    encodeUtf8(nickname),
    publicKey,
  ]) {
    writer.u16(part.length);
    writer.bytes(part);
  }
  return writer.finish();
}
