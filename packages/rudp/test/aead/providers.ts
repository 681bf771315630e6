import type { CipherSuite, CryptoProvider } from '../../src/core/index.ts';
import { findPacketCrypto } from '../../src/node/aead/packet-crypto.ts';

/** Both ciphers. */
export const SUITES: readonly CipherSuite[] = ['aes-128-gcm', 'chacha20-poly1305'];

/** Every library that works on this machine. */
export const providers: readonly { readonly name: string; readonly crypto: CryptoProvider }[] = [
  { name: 'node', crypto: findPacketCrypto('node').crypto },
  ...(findPacketCrypto('auto').missing === undefined
    ? [{ name: 'openssl-ffi', crypto: findPacketCrypto('openssl-ffi').crypto }]
    : []),
];

/** Bytes of a key. */
export const keyBytesOf = (suite: CipherSuite): number => (suite === 'aes-128-gcm' ? 16 : 32);
