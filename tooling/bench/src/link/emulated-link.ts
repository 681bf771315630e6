import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, linkem } from './build.ts';
import type { Place, Side } from './place.ts';
import type { LinkProfile } from './profile.ts';
import { missingForLink } from './requirements.ts';

/** A link between two network namespaces of this machine. Data flows from `sender` to `receiver`. */
export interface EmulatedLink extends Place {
  /** Takes the link down; what it counted, as the emulator tells it. */
  stop(): Promise<LinkStatistics>;
}

/** What the emulator counted. */
interface LinkStatistics {
  readonly a_to_b: LinkDirectionStatistics;
  readonly b_to_a: LinkDirectionStatistics;
}

/** One direction of it. `tun` and `pool` above 0 mean that the emulator itself was too slow: distrust that run. */
interface LinkDirectionStatistics {
  readonly in_packets: number;
  readonly out_packets: number;
  readonly dropped: Readonly<
    Record<'loss' | 'burst' | 'outage' | 'queue' | 'pool' | 'tun' | 'write', number>
  >;
}

const namespaces: Readonly<Record<Side, string>> = { sender: 'parley-a', receiver: 'parley-b' };
const hosts: Readonly<Record<Side, string>> = { sender: '10.77.0.1', receiver: '10.77.0.2' };

/** Puts a link up. Throws an Error that says what is missing when this machine cannot have one. */
export async function startEmulatedLink(profile: LinkProfile): Promise<EmulatedLink> {
  const missing = missingForLink();
  if (missing.length > 0) throw new Error(`an emulated link needs ${missing.join('; ')}`);
  for (const name of Object.values(namespaces)) {
    if (!existsSync(`/run/netns/${name}`)) continue;
    throw new Error(`another link is up, or was left behind: end it, or run "ip netns del ${name}"`);
  }
  const built = build(linkem);
  if ('complaint' in built) throw new Error(`the emulator does not build: ${built.complaint}`);
  const folder = mkdtempSync(join(tmpdir(), 'parley-link-'));
  const statisticsFile = join(folder, 'statistics.json');
  // Its clock must not wait behind the programs that it carries packets for: SCHED_FIFO where allowed.
  const args = ['--rt', '10', '--stats', statisticsFile, ...profile.linkemArguments];
  const emulator = spawn(built.path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  await ready(emulator);
  prepareKernel();
  return {
    name: profile.name,
    rateMbps: profile.rateMbps,
    roundTripMs: profile.roundTripMs,
    host: hosts,
    commandOn: (side, command) => ['ip', 'netns', 'exec', namespaces[side], ...command],
    bytesOnWire,
    useCongestionControl,
    stop: async () => {
      if (emulator.exitCode === null && emulator.kill('SIGTERM')) await once(emulator, 'exit');
      const statistics: LinkStatistics = JSON.parse(readFileSync(statisticsFile, 'utf8'));
      rmSync(folder, { recursive: true });
      return statistics;
    },
  };
}

async function ready(emulator: ChildProcess): Promise<void> {
  let complaint = '';
  emulator.stderr?.on('data', (data) => {
    complaint += data;
  });
  await new Promise<void>((resolve, reject) => {
    emulator.stdout?.once('data', () => resolve());
    emulator.once('error', reject);
    emulator.once('exit', () => reject(new Error(`the emulator ended: ${complaint.trim()}`)));
  });
}

/** Buffers for any bandwidth-delay product here, so that TCP is limited by its congestion control alone. */
function prepareKernel(): void {
  // A namespace may choose only among the allowed congestion controls; those built in are added.
  const available = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim();
  spawnSync('sysctl', ['-qw', `net.ipv4.tcp_allowed_congestion_control=${available}`]);
  for (const name of Object.values(namespaces)) {
    // A machine without loopback would be a strange one.
    spawnSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
    spawnSync('ip', [
      ...['netns', 'exec', name, 'sysctl', '-qw'],
      'net.ipv4.tcp_rmem=4096 131072 67108864',
      'net.ipv4.tcp_wmem=4096 131072 67108864',
      'net.ipv4.tcp_no_metrics_save=1',
    ]);
  }
}

function bytesOnWire(): number | undefined {
  const args = ['netns', 'exec', namespaces.sender, 'cat', '/proc/net/dev'];
  const { stdout } = spawnSync('ip', args, { encoding: 'utf8' });
  const fields = /lk0:(.*)/.exec(stdout)?.[1]?.trim().split(/\s+/);
  return fields?.[8] === undefined ? undefined : Number(fields[8]);
}

function useCongestionControl(name: string): boolean {
  return Object.values(namespaces).every((namespace) => {
    const setting = `net.ipv4.tcp_congestion_control=${name}`;
    return spawnSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', setting]).status === 0;
  });
}
