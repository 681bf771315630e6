import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atExit, Program } from '@parley/programs';
import { build, LINKEM } from './build.ts';
import { betweenNamespaces, removeNamespaces, setInNamespace } from './namespaces.ts';
import type { Place, Side } from './place.ts';
import type { LinkProfile } from './profile.ts';
import { missingForLink } from './requirements.ts';

/** A link between two network namespaces of this machine. Data flows from `sender` to `receiver`. */
export interface EmulatedLink extends Place {
  /** Takes the link down; what it counted, as the emulator tells it. Throws an Error when the emulator had ended before. */
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

const NAMESPACES: Readonly<Record<Side, string>> = { sender: 'parley-a', receiver: 'parley-b' };
const HOSTS: Readonly<Record<Side, string>> = { sender: '10.77.0.1', receiver: '10.77.0.2' };
const DEVICE = 'lk0';

/** Puts a link up. Throws an Error that says what is missing when this machine cannot have one. */
export async function startEmulatedLink(profile: LinkProfile): Promise<EmulatedLink> {
  const missing = missingForLink();
  if (missing.length > 0) throw new Error(`an emulated link needs ${missing.join('; ')}`);
  for (const name of Object.values(NAMESPACES)) {
    if (!existsSync(`/run/netns/${name}`)) continue;
    throw new Error(`another link is up, or was left behind: end it, or run "ip netns del ${name}"`);
  }
  const built = build(LINKEM);
  if ('complaint' in built) throw new Error(`the emulator does not build: ${built.complaint}`);
  const folder = mkdtempSync(join(tmpdir(), 'parley-link-'));
  const statisticsFile = join(folder, 'statistics.json');
  // Its clock must not wait behind the programs that it carries packets for: SCHED_FIFO where allowed.
  const args = ['--rt', '10', '--stats', statisticsFile, ...profile.linkemArguments];
  const emulator = new Program([built.path, ...args], { name: 'the emulator' });
  const disallowControls = allowControls();
  const putAway = () => {
    emulator.signal('SIGKILL');
    // The emulator does that itself when it ends in order.
    removeNamespaces(Object.values(NAMESPACES).filter((name) => existsSync(`/run/netns/${name}`)));
    rmSync(folder, { recursive: true, force: true });
    disallowControls();
  };
  const takeBack = atExit(putAway);
  const finish = () => {
    takeBack();
    putAway();
  };
  try {
    await emulator.stdout.line(/^ready/);
    prepareKernel();
  } catch (error) {
    finish();
    throw error;
  }
  return {
    name: profile.name,
    rateMbps: profile.rateMbps,
    roundTripMs: profile.roundTripMs,
    ...betweenNamespaces({ namespaces: NAMESPACES, hosts: HOSTS, device: DEVICE }),
    stop: async () => {
      try {
        if (emulator.hasEnded) throw new Error('the emulator ended before its time: distrust this run');
        await emulator.stop();
        return JSON.parse(readFileSync(statisticsFile, 'utf8'));
      } finally {
        finish();
      }
    },
  };
}

/** A namespace may choose only among the congestion controls that are allowed: all that are built in are, until it is taken back. */
function allowControls(): () => void {
  const allowed = '/proc/sys/net/ipv4/tcp_allowed_congestion_control';
  try {
    const before = readFileSync(allowed, 'utf8').trim();
    const available = readFileSync('/proc/sys/net/ipv4/tcp_available_congestion_control', 'utf8').trim();
    writeFileSync(allowed, available);
    return () => writeFileSync(allowed, before);
  } catch {
    // A peer that cannot have its congestion control is missing, and says so.
    return () => undefined;
  }
}

/** Buffers for any bandwidth-delay product here, so that TCP is limited by its congestion control alone. */
function prepareKernel(): void {
  const settings = {
    'net/ipv4/tcp_rmem': '4096 131072 67108864',
    'net/ipv4/tcp_wmem': '4096 131072 67108864',
    'net/ipv4/tcp_no_metrics_save': '1',
  };
  for (const namespace of Object.values(NAMESPACES)) {
    // A machine without loopback would be a strange one.
    spawnSync('ip', ['-n', namespace, 'link', 'set', 'lo', 'up']);
    for (const [name, value] of Object.entries(settings)) {
      if (!setInNamespace(namespace, name, value))
        throw new Error(`cannot set ${name} of ${namespace}: kernel TCP would be limited by its buffers`);
    }
  }
}
