import { certificateFiles } from './certificate.ts';
import { nodeDriver, type PeerMaker, type PeerSettings, stream } from './peer.ts';

/** The kernel's TCP with this congestion control. */
export function tcp(congestionControl: string, settings: PeerSettings): ReturnType<PeerMaker> {
  return withCongestionControl(congestionControl, settings, stream(nodeDriver('tcp-peer.ts'), settings));
}

/** A peer for which the kernel has to use this congestion control. */
export function withCongestionControl(
  congestionControl: string,
  { place }: PeerSettings,
  peer: ReturnType<PeerMaker>,
): ReturnType<PeerMaker> {
  if (!place.useCongestionControl(congestionControl)) {
    return { missing: `kernel TCP does not offer ${congestionControl} on ${place.name}` };
  }
  return { ...peer, congestionControl };
}

/** TLS over the kernel's TCP. */
export function tls(settings: PeerSettings): ReturnType<PeerMaker> {
  const certificate = certificateFiles();
  if ('missing' in certificate) return certificate;
  const peer = stream(nodeDriver('tls-peer.ts'), settings);
  return { ...peer, environment: { ...peer.environment, ...certificate } };
}
