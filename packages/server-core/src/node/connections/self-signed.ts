/**
 * The certificate that a server makes for itself (RFC 5280 §4.1, in DER). Clients pin its key, so nothing in it has a
 * meaning to them but that; it has what TLS stacks ask of any certificate.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import type { TlsIdentity } from './connection-door.ts';

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const SEQUENCE = 0x30;
const SET = 0x31;
const CONTEXT_0 = 0xa0;
const CONTEXT_2_PRIMITIVE = 0x82;
const CONTEXT_3 = 0xa3;

// Object identifiers, encoded: ecdsa-with-SHA256 (RFC 5758 §3.2), commonName and subjectAltName (RFC 5280).
const ECDSA_WITH_SHA256 = Buffer.from('06082a8648ce3d040302', 'hex');
const COMMON_NAME = Buffer.from('0603550403', 'hex');
const SUBJECT_ALT_NAME = Buffer.from('0603551d11', 'hex');

/** RFC 5280 §4.1.2.5: a certificate without a well-defined end. */
const NO_END = '99991231235959Z';
/** RFC 5280 §4.1.2.2 allows up to 20 bytes. */
const SERIAL_BYTES = 16;

/** Makes a key (P-256) and a certificate for it that has no end, signed by itself. */
export function createSelfSignedIdentity(now: Date): TlsIdentity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const algorithm = der(SEQUENCE, ECDSA_WITH_SHA256);
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(UTF8_STRING, Buffer.from('parley')))));
  const alternativeNames = der(SEQUENCE, der(CONTEXT_2_PRIMITIVE, Buffer.from('parley')));
  const toBeSigned = der(
    SEQUENCE,
    // Version 3.
    der(CONTEXT_0, der(INTEGER, Buffer.of(2))),
    der(INTEGER, serialNumber()),
    algorithm,
    name,
    der(SEQUENCE, der(UTC_TIME, utcTime(now)), der(GENERALIZED_TIME, Buffer.from(NO_END))),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(CONTEXT_3, der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, der(OCTET_STRING, alternativeNames)))),
  );
  const signature = sign('sha256', toBeSigned, privateKey);
  const certificate = der(SEQUENCE, toBeSigned, algorithm, der(BIT_STRING, Buffer.of(0), signature));
  return {
    certificate: new X509Certificate(certificate).toString(),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/**
 * The fingerprint of the first certificate in a PEM: of its public key, so that a renewed certificate for the same key
 * has the same one. Throws when there is no certificate in it.
 */
// CHAT-TLS-2
export function identityFingerprint(certificate: string): string {
  const publicKey = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const lengthBytes = length < 0x100 ? [0x81, length] : [0x82, length >>> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...lengthBytes), content]);
}

/** Positive, and without a leading zero byte, as DER wants it. */
function serialNumber(): Buffer {
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  return serial;
}

function utcTime(now: Date): Buffer {
  const [date = '', time = ''] = now.toISOString().slice(2, 19).split('T');
  return Buffer.from(`${date}${time}Z`.replace(/[-:]/g, ''));
}
