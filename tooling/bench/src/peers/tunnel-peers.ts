import { findProgram } from '../link/requirements.ts';
import { nodeDriver, type PeerMaker, type PeerSettings, stream } from './peer.ts';

/** KCP with its usual forward error correction, as a tunnel for a TCP connection at each end. */
export function kcptun(settings: PeerSettings): ReturnType<PeerMaker> {
  const { place, port } = settings;
  const [server, client] = [findProgram('kcptun-server'), findProgram('kcptun-client')];
  if (server === undefined || client === undefined)
    return { missing: 'kcptun-server, kcptun-client (Debian package kcptun)' };
  // Its window must be told: one and a half bandwidth-delay products, its own 30 ms clock as the shortest round trip that counts.
  const bandwidthDelayPackets = Math.ceil((place.rateMbps * 125 * Math.max(place.roundTripMs, 40)) / 1350);
  const window =
    place.rateMbps === 0 ? '4096' : String(Math.max(256, Math.ceil(bandwidthDelayPackets * 1.5)));
  const shared = [
    ...[
      '--crypt',
      'none',
      '--nocomp',
      '--rcvwnd',
      window,
      '--sndwnd',
      window,
      '--mtu',
      '1400',
      '--smuxver',
      '2',
    ],
    ...['--smuxbuf', '67108864', '--streambuf', '67108864', '--quiet', '--log', '/dev/null'],
  ];
  const [tunnelPort, entryPort] = [String(port + 2), String(port + 3)];
  const tunnel = `${place.host.receiver}:${tunnelPort}`;
  const driver = nodeDriver('tcp-peer.ts');
  const bytes = settings.bytes === undefined ? [] : [String(settings.bytes)];
  return {
    ...stream(driver, settings),
    helpers: [
      { side: 'receiver', command: [server, '-l', tunnel, '-t', `127.0.0.1:${port}`, ...shared] },
      { side: 'sender', command: [client, '-l', `127.0.0.1:${entryPort}`, '-r', tunnel, ...shared] },
    ],
    receive: [...driver, 'recv', '127.0.0.1', String(port), ...bytes],
    send: [...driver, 'send', '127.0.0.1', entryPort, ...bytes],
  };
}
