import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from '../link/requirements.ts';
import { makeMemoryFolder, makeSparseFile } from '../memory-folder.ts';
import { certificateFiles } from './certificate.ts';
import { nodeDriver, type PeerMaker, type PeerSettings, stream } from './peer.ts';

/** HTTP/3: the sender is a server that offers one file, sparse so that it costs no disk. */
export function ngtcp2(congestionControl: string, settings: PeerSettings): ReturnType<PeerMaker> {
  const server = findProgram('gtlsserver');
  if (server === undefined || findProgram('gtlsclient') === undefined)
    return { missing: 'gtlsserver, gtlsclient (Debian packages ngtcp2-server and ngtcp2-client)' };
  const certificate = certificateFiles();
  if ('missing' in certificate) return certificate;
  const folder = makeMemoryFolder();
  const served = join(folder, 'served');
  mkdirSync(served);
  makeSparseFile(join(served, 'stream.bin'), settings.bytes);
  const { place, port } = settings;
  const quiet = ['-q', '--no-quic-dump', '--no-http-dump', `--cc=${congestionControl}`, '-d', served];
  const identity = [certificate.TLS_KEY, certificate.TLS_CERTIFICATE];
  const peer = stream(nodeDriver('ngtcp2-peer.ts'), settings);
  return {
    ...peer,
    helpers: [{ side: 'sender', command: [server, ...quiet, place.host.sender, String(port), ...identity] }],
    environment: { ...peer.environment, FOLDER: folder },
  };
}
