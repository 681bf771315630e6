import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type NativeProgram } from '../link/build.ts';
import type { Place, Side } from '../link/place.ts';
import { findProgram } from '../link/requirements.ts';

/** How a peer is run, once it is known to be there. */
export interface Peer {
  readonly name: string;
  readonly receive: readonly string[];
  readonly send: readonly string[];
  /** Programs that stand between the two (a tunnel's ends), started first. */
  readonly helpers: readonly { readonly side: Side; readonly command: readonly string[] }[];
  /** The congestion control that kernel TCP is to use. */
  readonly congestionControl: string | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Why a peer cannot be measured here. */
export interface MissingPeer {
  readonly name: string;
  readonly missing: string;
}

/** What the peers need to know. */
export interface PeerSettings {
  readonly place: Place;
  readonly port: number;
  /** Folder in whose node_modules npm put `udx-native`. */
  readonly modulesFolder: string;
  /** Drivers of the user's own: name to command. */
  readonly commands: ReadonlyMap<string, string>;
}

type PeerMaker = (settings: PeerSettings) => Omit<Peer, 'name'> | { readonly missing: string };

const nativePeers: readonly NativeProgram[] = [
  {
    name: 'udt-peer',
    source: 'drivers/udt-peer.cc',
    compiler: 'c++',
    flags: ['-I/usr/include/udt'],
    libraries: ['-ludt', '-lpthread'],
    debianPackage: 'libudt-dev',
  },
  {
    name: 'srt-peer',
    source: 'drivers/udt-peer.cc',
    compiler: 'c++',
    flags: ['-DUSE_SRT'],
    libraries: ['-lsrt'],
    debianPackage: 'libsrt-openssl-dev',
  },
  {
    name: 'enet-peer',
    source: 'drivers/enet-peer.c',
    compiler: 'cc',
    libraries: ['-lenet'],
    debianPackage: 'libenet-dev',
  },
];

/** The name of the peer says it, and whatever a driver prints counts as its failure. */
const disableUnprotectedWarning = '--disable-warning=PARLEY_RUDP_WITHOUT_PACKET_PROTECTION';

const peerMakers: Readonly<Record<string, PeerMaker>> = {
  parley: (settings) => stream(nodeDriver('../parley-peer.ts'), settings),
  'parley-unprotected': (settings) =>
    stream(nodeDriver('../parley-unprotected-peer.ts', disableUnprotectedWarning), settings),
  tcp: (settings) => stream(nodeDriver('tcp-peer.ts'), settings),
  'tcp-cubic': (settings) => tcp('cubic', settings),
  'tcp-bbr': (settings) => tcp('bbr', settings),
  udx: (settings) => udx(settings),
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

/** A driver in Node, with our own Node flags: under `--conditions=@parley/source` it measures the sources as well. */
function nodeDriver(file: string, ...flags: readonly string[]): string[] {
  const path = fileURLToPath(new URL(file, import.meta.url));
  return [process.execPath, ...process.execArgv, '--disable-warning=ExperimentalWarning', ...flags, path];
}

function stream(driver: readonly string[], { place, port }: PeerSettings): Omit<Peer, 'name'> {
  const target = [place.host.receiver, String(port)];
  return {
    receive: [...driver, 'recv', ...target],
    send: [...driver, 'send', ...target],
    helpers: [],
    congestionControl: undefined,
    environment: { PEER: place.host.sender },
  };
}

function tcp(congestionControl: string, settings: PeerSettings): ReturnType<PeerMaker> {
  if (!settings.place.useCongestionControl(congestionControl)) {
    return { missing: `kernel TCP does not offer ${congestionControl} on ${settings.place.name}` };
  }
  return { ...stream(nodeDriver('tcp-peer.ts'), settings), congestionControl };
}

function udx(settings: PeerSettings): ReturnType<PeerMaker> {
  const { modulesFolder } = settings;
  try {
    createRequire(join(modulesFolder, 'package.json')).resolve('udx-native');
  } catch {
    return {
      missing: `npm package udx-native: npm i --prefix DIR udx-native, then --modules DIR (is ${modulesFolder})`,
    };
  }
  const peer = stream(nodeDriver('udx-peer.ts'), settings);
  return { ...peer, environment: { ...peer.environment, MODULES: modulesFolder } };
}

function native(name: string, settings: PeerSettings): ReturnType<PeerMaker> {
  const program = nativePeers.find((candidate) => candidate.name === name) as NativeProgram;
  const built = build(program);
  if ('path' in built) return stream([built.path], settings);
  return {
    missing: `it does not build, install the Debian package ${program.debianPackage}: ${built.complaint.slice(0, 200)}`,
  };
}

/** KCP with its usual forward error correction, as a tunnel for a TCP connection at each end. */
function kcptun(settings: PeerSettings): ReturnType<PeerMaker> {
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
  return {
    ...stream(driver, settings),
    helpers: [
      { side: 'receiver', command: [server, '-l', tunnel, '-t', `127.0.0.1:${port}`, ...shared] },
      { side: 'sender', command: [client, '-l', `127.0.0.1:${entryPort}`, '-r', tunnel, ...shared] },
    ],
    receive: [...driver, 'recv', '127.0.0.1', String(port)],
    send: [...driver, 'send', '127.0.0.1', entryPort],
  };
}
