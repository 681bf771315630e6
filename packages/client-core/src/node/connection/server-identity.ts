import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, getCACertificates, type TLSSocket } from 'node:tls';

/** What a server showed of itself in the TLS handshake, which also proved that it has the key. */
export interface ServerIdentity {
  /** `SHA256:` and 43 characters of base64: of the public key, so that it survives a renewed certificate. */
  readonly fingerprint: string;
  /** Whether the certificate is valid for the host by the roots that this system trusts. */
  readonly isVouchedFor: boolean;
}

/** Why a server is not believed. */
export interface Distrust {
  /** *unknown*: it was never seen; *changed*: it was seen, and was another one. */
  readonly reason: 'unknown' | 'changed';
  /** A sentence for people. */
  readonly message: string;
}

/** Decides whether a server is the right one; nothing is sent to it before. `undefined`: it is. */
export type CheckServer = (identity: ServerIdentity) => Distrust | undefined;

/** Believes a server for which the system's roots vouch, and no other. */
export const trustRoots: CheckServer = ({ isVouchedFor }) =>
  isVouchedFor
    ? undefined
    : { reason: 'unknown', message: 'nobody that this system trusts vouches for its certificate' };

/** Options of a TLS connection whose server is checked after the handshake, by `identityOf`. */
// CHAT-TLS-1
export function secureOptions(host: string): ConnectionOptions {
  const options = { rejectUnauthorized: false, minVersion: 'TLSv1.3' } as const;
  // Loading the system's roots takes some 50 ms, and hardly anybody vouches for a bare address.
  return isIP(host) === 0 ? { ...options, servername: host, ca: systemRoots() } : options;
}

/** What the server at the other end of a connection showed; `undefined` when it showed nothing. */
// CHAT-TLS-2
export function identityOf(socket: TLSSocket): ServerIdentity | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  return { fingerprint: fingerprintOf(certificate), isVouchedFor: socket.authorized };
}

function fingerprintOf(certificate: X509Certificate): string {
  const publicKey = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return `SHA256:${createHash('sha256').update(publicKey).digest('base64').replace(/=+$/, '')}`;
}

let roots: string[] | undefined;

/** Node's own roots, those of NODE_EXTRA_CA_CERTS, and the system's. */
function systemRoots(): string[] {
  roots ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return roots;
}
