import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atExit, freePort, parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { type ChatPeer, chatPeerNames, findChatPeer } from './chat/chat-peer.ts';
import { measureIdle, measureReturn } from './chat/crowd.ts';
import { missingForProtocol } from './chat/fan-load.ts';
import { measureMaximum } from './chat/fan-out.ts';
import { measureLatencies } from './chat/latency-turns.ts';
import { printLine, printMeasurement } from './json-lines.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench:chat -- [--members 1000] [--peers parley,inspircd,socket.io] [options]

One room on this machine's loopback: the server on one processor, everybody else in one process on another. Linux, with
taskset and a C compiler.
  --what LIST     fan-out (default): deliveries a second at the maximum, and latency at --rate
                  idle: memory of the server for --connections clients that say nothing
                  return: the server stops and starts again; how long until all clients have what they missed (parley)
  --members LIST  people who listen (100,1000)        --rate N         deliveries a second for latency (40000)
  --seconds N     length of each run at the maximum (4)
  --windows LIST  messages on their way at the maximum, a run for each (16,64; 16 from 5,000 members on)
  --turns N       seconds at --rate of each peer, by turns with the others (15)
  --reps N        repetitions of all of it (1)
  --connections N for idle and return (10000)
  --peers LIST    ${chatPeerNames.join(',')}
  --modules DIR   where npm put ws and socket.io: npm i --prefix DIR ws socket.io
Prints lines of JSON: the machine, then each peer.
`;

const WHATS = ['fan-out', 'idle', 'return'] as const;
const MEMBERS_MAX = 18_000;

interface ChatOptions {
  readonly what: readonly (typeof WHATS)[number][];
  readonly peers: readonly string[];
  readonly members: readonly number[];
  readonly seconds: number;
  readonly windows: readonly number[] | undefined;
  readonly rate: number;
  readonly turns: number;
  readonly repetitions: number;
  readonly connections: number;
  readonly modulesFolder: string;
}

/** Reads the command line. Throws an Error with what is wrong. */
function parseOptions(args: readonly string[]): ChatOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      what: { type: 'string', default: 'fan-out' },
      peers: { type: 'string', default: 'parley,node-batch' },
      members: { type: 'string', default: '100,1000' },
      seconds: { type: 'string', default: '4' },
      windows: { type: 'string' },
      rate: { type: 'string', default: '40000' },
      turns: { type: 'string', default: '15' },
      reps: { type: 'string', default: '1' },
      connections: { type: 'string', default: '10000' },
      modules: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
    },
  });
  const members = (option: string, text: string) => parseCount(option, text, { max: MEMBERS_MAX });
  return {
    what: parseNames('what', values.what, WHATS),
    peers: parseNames('peers', values.peers, chatPeerNames),
    members: values.members.split(',').map((text) => members('members', text)),
    seconds: parseNumber('seconds', values.seconds, { min: 1, max: 60 }),
    windows: values.windows?.split(',').map((text) => parseCount('windows', text, { max: 1_000 })),
    rate: parseNumber('rate', values.rate, { min: 1, max: 1e7 }),
    turns: parseCount('turns', values.turns, { max: 1_000 }),
    repetitions: parseCount('reps', values.reps, { max: 100 }),
    connections: members('connections', values.connections),
    modulesFolder: values.modules,
  };
}

/** The peers that can be measured here; tells which cannot. */
async function findPeers(options: ChatOptions, folder: string): Promise<ChatPeer[]> {
  const found: ChatPeer[] = [];
  for (const name of options.peers) {
    const port = await freePort();
    const peer = findChatPeer(name, { port, folder, modulesFolder: options.modulesFolder });
    const missing = 'missing' in peer ? peer.missing : missingForProtocol(peer.protocol);
    if (missing === undefined && !('missing' in peer)) found.push(peer);
    else {
      printLine({ peer: name, missing });
      process.exitCode = 1;
    }
  }
  return found;
}

async function measureAll(options: ChatOptions, folder: string): Promise<void> {
  const peers = await findPeers(options, folder);
  const { connections } = options;
  for (const members of options.what.includes('fan-out') ? options.members : []) {
    // Repetition by repetition, so that a busy minute of the machine hits all peers alike.
    for (let repetition = 1; repetition <= options.repetitions; repetition++)
      await measureFanOuts(peers, { ...options, members, repetition });
  }
  for (const peer of peers) {
    const { name } = peer;
    if (options.what.includes('idle'))
      await printMeasurement({ what: 'idle', peer: name }, () => measureIdle(peer, connections));
    if (options.what.includes('return') && peer.protocol.startsWith('parley'))
      await printMeasurement({ what: 'return', peer: name }, () => measureReturn(peer, connections));
  }
}

/** One room: the maximum of each peer, and the latency of all of them at a given rate. */
async function measureFanOuts(
  peers: readonly ChatPeer[],
  options: Pick<ChatOptions, 'seconds' | 'windows' | 'rate' | 'turns'> & {
    members: number;
    repetition: number;
  },
): Promise<void> {
  const { members, repetition } = options;
  const latencies = await measureLatencies(peers, options);
  for (const [index, peer] of peers.entries()) {
    const history = peer.history === undefined ? {} : { history: peer.history };
    const identity = { peer: peer.name, members, repetition, ...history };
    await printMeasurement(identity, async () => {
      const latency = latencies[index];
      if (latency !== undefined && 'error' in latency) throw new Error(latency.error);
      return { ...identity, ...(await measureMaximum(peer, options)), ...latency };
    });
  }
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  printLine(describeMachine(options.modulesFolder));
  const folder = mkdtempSync(join(tmpdir(), 'parley-bench-chat-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  await measureAll(options, folder);
}

await runMain({ name: 'bench:chat', usage }, run);
