import { ngtcp2 } from './http3-peers.ts';
import { tcp, tls, withCongestionControl } from './kernel-peers.ts';
import { native, npmPeer } from './library-peers.ts';
import {
  type MissingPeer,
  nodeDriver,
  type Peer,
  type PeerMaker,
  type PeerSettings,
  stream,
} from './peer.ts';
import { kcptun } from './tunnel-peers.ts';

/** The name of the peer says it, and whatever a driver prints counts as its failure. */
const DISABLE_UNPROTECTED_WARNING = '--disable-warning=PARLEY_RUDP_WITHOUT_PACKET_PROTECTION';

const peerMakers: Readonly<Record<string, PeerMaker>> = {
  parley: (settings) => parley({}, settings),
  'parley-1500': (settings) => parley({ PARLEY_DATAGRAM_BYTES_MAX: '1472' }, settings),
  'parley-portable': (settings) => parley({ PARLEY_IO: 'portable' }, settings),
  'parley-unprotected': (settings) => parley({ PARLEY_PROTECTION: 'none' }, settings),
  'parley-portable-unprotected': (settings) =>
    parley({ PARLEY_IO: 'portable', PARLEY_PROTECTION: 'none' }, settings),
  tcp: (settings) => stream(nodeDriver('tcp-peer.ts'), settings),
  'tcp-cubic': (settings) => tcp('cubic', settings),
  'tcp-bbr': (settings) => tcp('bbr', settings),
  tls: (settings) => tls(settings),
  'tls-bbr': (settings) => withCongestionControl('bbr', settings, tls(settings)),
  'ngtcp2-bbr': (settings) => ngtcp2('bbr', settings),
  'ngtcp2-cubic': (settings) => ngtcp2('cubic', settings),
  udx: (settings) => npmPeer('udx-native', 'udx-peer.ts', settings),
  utp: (settings) => npmPeer('utp-native', 'utp-peer.ts', settings),
  udt: (settings) => native('udt-peer', settings),
  srt: (settings) => native('srt-peer', settings),
  enet: (settings) => native('enet-peer', settings),
  kcptun: (settings) => kcptun(settings),
};

/** The names that `--peers` understands. */
export const peerNames: readonly string[] = Object.keys(peerMakers);

/** The peer of that name, or why it cannot be measured here. */
export function findPeer(name: string, settings: PeerSettings): Peer | MissingPeer {
  const command = settings.commands.get(name);
  if (command !== undefined) return { name, ...stream(command.split(' '), settings) };
  const make = peerMakers[name];
  if (make === undefined) throw new Error(`expected a peer out of ${peerNames.join(', ')}, got ${name}`);
  return { name, ...make(settings) };
}

/** Our own transport; the environment tells its driver what not to leave at its default. */
function parley(
  environment: Readonly<Record<string, string>>,
  settings: PeerSettings,
): ReturnType<PeerMaker> {
  const peer = stream(nodeDriver('../parley-peer.ts', DISABLE_UNPROTECTED_WARNING), settings);
  return { ...peer, environment: { ...peer.environment, ...environment } };
}
