import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '../link/requirements.ts';

/** A chat server to be measured. */
export interface ChatPeer {
  readonly name: string;
  readonly port: number;
  /** What `fan-load` is to speak. */
  readonly protocol: string;
  /** The server; it listens on 127.0.0.1. */
  readonly command: readonly string[];
  /** A file that it reads: path and content. */
  readonly configuration?: { readonly path: string; readonly content: string };
  /** People who come in at once, and who speak: where the server slows one client down, more have to. */
  readonly joining?: number;
  /** Where Parley keeps what is said; the others keep nothing. */
  readonly history?: 'memory' | 'sqlite';
  readonly speakers?: number;
}

/** One that cannot be measured here. */
export interface MissingChatPeer {
  readonly name: string;
  readonly missing: string;
}

/** What the peers are told. */
export interface ChatPeerSettings {
  readonly port: number;
  /** Where configurations may be written. */
  readonly folder: string;
  /** Where the packages ws and socket.io are. */
  readonly modulesFolder: string;
}

type Describe = (settings: ChatPeerSettings) => Omit<ChatPeer, 'name' | 'port'>;

const nodeProgram = (file: string, ...args: readonly (string | number)[]) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL(file, import.meta.url)),
  ...args.map(String),
];

/** Our server, with the option of Node's that its program has. */
const ourServer = (...args: readonly (string | number)[]) => {
  const [node = '', ...rest] = nodeProgram('./parley-server.ts', ...args);
  return [node, '--max-semi-space-size=64', ...rest];
};

/** What a client has to read after it was away for a moment: two pages. */
const MISSED_ENTRIES = 100;

const peers = {
  parley: ({ port }) => ({
    protocol: 'parley',
    history: 'memory',
    command: ourServer(port, 'plain', MISSED_ENTRIES),
  }),
  'parley-tls': ({ port }) => ({
    protocol: 'parley-tls',
    history: 'memory',
    command: ourServer(port, 'tls', MISSED_ENTRIES),
  }),
  'parley-sqlite': ({ port, folder }) => ({
    protocol: 'parley',
    history: 'sqlite',
    command: ourServer(port, 'plain', MISSED_ENTRIES, join(folder, 'history.sqlite3')),
  }),
  'node-batch': ({ port }) => ({
    protocol: 'line',
    command: nodeProgram('./line-server.ts', port, 'turns'),
  }),
  'node-net': ({ port }) => ({ protocol: 'line', command: nodeProgram('./line-server.ts', port, 'each') }),
  ws: ({ port, modulesFolder }) => ({
    protocol: 'ws',
    command: nodeProgram('./socket-server.ts', 'ws', port, modulesFolder),
  }),
  'socket.io': ({ port, modulesFolder }) => ({
    protocol: 'socket.io',
    command: nodeProgram('./socket-server.ts', 'socket.io', port, modulesFolder),
  }),
  // Takes a second to register a client, and few lines at a time from one.
  inspircd: ({ port, folder }) => ({
    protocol: 'irc',
    ...configured(folder, inspircdConfiguration(port), ['inspircd', '--nofork', '--runasroot', '--config']),
    joining: 256,
    speakers: 32,
  }),
  ngircd: ({ port, folder }) => ({
    protocol: 'irc',
    ...configured(folder, ngircdConfiguration(port), ['ngircd', '-n', '-f']),
    speakers: 32,
  }),
  nats: ({ port, folder }) => ({
    protocol: 'nats',
    ...configured(folder, natsConfiguration(port), ['nats-server', '-c']),
  }),
  mosquitto: ({ port, folder }) => ({
    protocol: 'mqtt',
    ...configured(folder, mosquittoConfiguration(port), ['mosquitto', '-c']),
  }),
} as const satisfies Record<string, Describe>;

/** Names of all peers. */
export const chatPeerNames: readonly string[] = Object.keys(peers);

/** The peer of that name, or what is missing for it. */
export function findChatPeer(name: string, settings: ChatPeerSettings): ChatPeer | MissingChatPeer {
  const describe: Describe | undefined = (peers as Record<string, Describe>)[name];
  if (describe === undefined)
    throw new Error(`expected a peer out of ${chatPeerNames.join(', ')}, got ${name}`);
  const peer = { name, port: settings.port, ...describe(settings) };
  const [program = ''] = peer.command;
  if (peer.configuration !== undefined && findProgram(program) === undefined)
    return { name, missing: `${program}: install it from your distribution` };
  const isPackage = name === 'ws' || name === 'socket.io';
  if (isPackage && !existsSync(join(settings.modulesFolder, 'node_modules', name)))
    return { name, missing: `the package: npm i --prefix DIR ${name}, then --modules DIR` };
  return peer;
}

/** A program that is told everything by a file. */
function configured(folder: string, content: string, command: readonly [string, ...string[]]) {
  const path = join(folder, `${command[0]}.conf`);
  return { command: [...command, path], configuration: { path, content } };
}

/** No look-ups, and no limits that a load could meet. */
function inspircdConfiguration(port: number): string {
  return `<server name="irc.test" description="benchmark" network="test" id="1AA">
<admin name="x" nick="x" email="x@test">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect allow="*" name="all" timeout="60" pingfreq="600" hardsendq="100M" softsendq="100M" recvq="1M" threshold="1000000" commandrate="1000000000" fakelag="no" localmax="100000" globalmax="100000" maxchans="20" resolvehostnames="no" useident="no" maxconnwarn="no" limit="100000">
<performance netbuffersize="65534" somaxconn="1024" softlimit="100000" quietbursts="yes" nouserdns="yes">
<security hidewhois="" userstats="" customversion="" hidesplits="no" maxtargets="20">
<options prefixquit="" syntaxhints="no" casemapping="ascii" defaultmodes="" allowmismatch="yes">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="/dev/null">
<pid file="/dev/null">
`;
}

function ngircdConfiguration(port: number): string {
  return `[Global]
Name = irc.test
Info = benchmark
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = hi
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 10
MaxPenaltyTime = 0
PingTimeout = 600
[Options]
DNS = no
Ident = no
PAM = no
`;
}

function natsConfiguration(port: number): string {
  return `listen: "127.0.0.1:${port}"
max_connections: 70000
write_deadline: "30s"
max_pending: 512MB
`;
}

function mosquittoConfiguration(port: number): string {
  return `listener ${port} 127.0.0.1
allow_anonymous true
max_connections -1
max_queued_messages 0
set_tcp_nodelay true
`;
}
