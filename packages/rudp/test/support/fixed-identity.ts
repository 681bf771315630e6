import { parseServerIdentity, type ServerIdentityKey } from '../../src/node/server-identity.ts';

/** The Ed25519 key whose private half is this byte, 32 times. */
export function fixedIdentity(byte: number): ServerIdentityKey {
  const der = Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    new Uint8Array(32).fill(byte),
  ]);
  const pem = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  return parseServerIdentity(pem);
}
