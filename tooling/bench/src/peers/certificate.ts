import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { outputPath } from '../link/build.ts';

/** Files of a self-signed identity, made once. */
export function certificateFiles(): { TLS_KEY: string; TLS_CERTIFICATE: string } | { missing: string } {
  const [key, certificate] = [outputPath('tls-key.pem'), outputPath('tls-certificate.pem')];
  const files = { TLS_KEY: key, TLS_CERTIFICATE: certificate };
  if (existsSync(key) && existsSync(certificate)) return files;
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
  const name = ['-subj', '/CN=peer.test', '-addext', 'subjectAltName=DNS:peer.test'];
  const args = ['req', '-x509', ...curve, ...name, '-keyout', key, '-out', certificate];
  const result = spawnSync('openssl', args, { encoding: 'utf8' });
  if (result.status === 0) return files;
  return { missing: `a certificate: openssl ${result.error?.message ?? result.stderr.slice(0, 200)}` };
}
