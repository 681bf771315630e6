import { createRandom, type LinkOptions, type Random } from '@parley/netsim';
import type { RudpConfig } from '@parley/rudp';
import { drawConnections } from './draw-application.ts';
import { drawHappenings } from './draw-happenings.ts';
import { drawLink, drawMangling } from './draw-links.ts';
import { drawFaults, type FaultName, logarithmic } from './faults.ts';
import type { ConnectionPlan, DriverPlan, Plan } from './plan.ts';

/** Time that a run's bytes may need on its slowest line. */
const LINE_SECONDS_MAX = 60;
/** Far below the idle timeout of a gentle plan. */
const SILENCE_MS_MAX = 5000;

/** Draws a run: the same seed always gives the same plan. */
export function drawPlan(seed: number): Plan {
  const random = createRandom(`plan ${seed}`);
  const isGentle = random.chance(0.35);
  const faults = drawFaults(random.fork('faults'), isGentle);
  const faultsEndMs = logarithmic(random, 50, 60_000);
  const asksForKeys = random.chance(0.3);
  const link = (to: string) => drawLink(random.fork(`link to ${to}`), faults, isGentle);
  const links = { toServer: link('server'), toClient: link('client') };
  const happenings = drawHappenings({ random: random.fork('happenings'), faults, isGentle, faultsEndMs });
  const slowestRate = Math.min(
    ...[links.toServer, links.toClient].map(rateOf),
    ...happenings.map((happening) =>
      happening.kind === 'line-change' ? rateOf(happening.changes) : Infinity,
    ),
  );
  const connections = drawConnections({
    random: random.fork('connections'),
    faults,
    faultsEndMs,
    asksForKeys,
    bytesMax: (slowestRate / 8) * LINE_SECONDS_MAX,
  });
  // Without keep-alive nobody finds a client that waits at a new address and has never received a stream byte (RUDP-PATH-10).
  const mustKeepAlive = isGentle && (faults.has('rebind') || connections.some(hasSilence));
  const config = (side: string) => drawConfig(random.fork(`config of ${side}`), isGentle, mustKeepAlive);
  const driver = (side: string) => drawDriver(random.fork(`driver of ${side}`), faults, isGentle);
  const mangling = (side: string) => drawMangling(random.fork(`mangling at ${side}`), faults, isGentle);
  return {
    seed,
    isGentle,
    crypto: random.chance(0.05) ? 'node' : 'insecure',
    asksForKeys,
    keepsResetSecret: random.chance(0.5),
    links,
    mangling: { client: mangling('client'), server: mangling('server') },
    drivers: { client: driver('client'), server: driver('server') },
    configs: { client: config('client'), server: config('server') },
    happenings,
    faultsEndMs,
    connections,
    looksIntoPackets: random.chance(0.15),
  };
}

function rateOf(link: LinkOptions): number {
  return link.rateBitsPerSecond ?? Number.POSITIVE_INFINITY;
}

function drawDriver(random: Random, faults: ReadonlySet<FaultName>, isGentle: boolean): DriverPlan {
  return {
    timerLatenessMs: faults.has('late-timers') ? logarithmic(random, 0.1, isGentle ? 10 : 500) : 0,
    clockStartMs: random.pick([0, 1234.5, 1e9]),
    socketBytesMax: random.pick([50_000, 212_992, 4 << 20]),
    isTimerFirst: random.chance(0.5),
  };
}

function drawConfig(random: Random, isGentle: boolean, mustKeepAlive: boolean): Partial<RudpConfig> {
  const some = <Value>(draw: () => Value, otherwise: Value): Value =>
    random.chance(0.4) ? draw() : otherwise;
  const receiveWindowBytesInitial = some(() => Math.ceil(logarithmic(random, 16_384, 4 << 20)), 1 << 20);
  const idleTimeoutMs = some(() => logarithmic(random, isGentle ? 20_000 : 200, 60_000), 30_000);
  const isKeptAlive = mustKeepAlive || random.chance(0.5);
  return {
    congestionController: random.pick(['bbr', 'bbr', 'cubic', 'fixed-window']),
    fixedWindowPackets: random.pick([1, 2, 10, 64, 256]),
    initialRttMs: some(() => logarithmic(random, 1, isGentle ? 200 : 1000), 100),
    handshakeTimeoutMs: isGentle ? 30_000 : some(() => logarithmic(random, 50, 30_000), 10_000),
    idleTimeoutMs,
    // Several fit a timeout, so that one may be lost.
    keepAliveMs: isKeptAlive ? Math.min(2000, idleTimeoutMs / 6) : 0,
    ackDelayMsMax: some(() => random.pick([0, 1, 100]), 25),
    receiveWindowBytesInitial,
    receiveWindowBytesMax: some(() => receiveWindowBytesInitial * random.integer(1, 8), 64 << 20),
    sendBufferBytesMax: some(() => Math.ceil(logarithmic(random, 16_384, 8 << 20)), 32 << 20),
    datagramBytesMax: some(() => random.integer(1200, 1472), 1472),
    keyUpdatePackets: some(() => Math.ceil(logarithmic(random, 1, 300)), 1 << 20),
    cipherSuites: random.pick([
      ['aes-128-gcm', 'chacha20-poly1305'],
      ['chacha20-poly1305', 'aes-128-gcm'],
    ]),
  };
}

/** The application itself is silent for long: only keep-alive holds such a connection, and hides a wake-up that is missing. */
function hasSilence({ client, server }: ConnectionPlan): boolean {
  return [client, server].some(
    ({ pause, readBytesPer10Ms }) =>
      (pause !== undefined && pause.forMs > SILENCE_MS_MAX) || Number.isFinite(readBytesPer10Ms),
  );
}
