import type { LinkOptions } from '@parley/netsim';
import type { RudpConfig } from '@parley/rudp';
import type {
  ApplicationPlan,
  ConnectionPlan,
  DriverPlan,
  Happening,
  ManglingPlan,
  Plan,
} from '../plan/plan.ts';

/** What a scenario decides; everything else is as good as it can be. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly toServer: LinkOptions;
  readonly toClient: LinkOptions;
  readonly config?: Partial<RudpConfig>;
  readonly happenings?: readonly Happening[];
  readonly connections: readonly { readonly openAtMs: number; readonly serverSends: number }[];
  /** Faults go on until then. */
  readonly faultsEndMs?: number;
}

const NO_MANGLING: ManglingPlan = {
  replayRatio: 0,
  replayFromElsewhereRatio: 0,
  truncateRatio: 0,
  spliceRatio: 0,
  coalesceRatio: 0,
};

const GOOD_DRIVER: DriverPlan = {
  timerLatenessMs: 0,
  clockStartMs: 0,
  socketBytesMax: 4 << 20,
  isTimerFirst: true,
};

const PLAIN_APPLICATION: ApplicationPlan = {
  sendBytes: 0,
  startsEarly: true,
  writeBytes: 65_536,
  finishes: 'after-writing',
  receives: 'ordered',
  readBytesPer10Ms: Number.POSITIVE_INFINITY,
  pause: undefined,
  reset: undefined,
};

const HOUR_MS = 3_600_000;

/** A plan that is written instead of drawn: the server sends, the client asks by opening. */
export function scenarioPlan(options: ScenarioOptions): Plan {
  const config = options.config ?? {};
  return {
    seed: options.seed,
    isGentle: false,
    crypto: 'insecure',
    asksForKeys: false,
    keepsResetSecret: false,
    looksIntoPackets: false,
    links: { toServer: options.toServer, toClient: options.toClient },
    mangling: { client: NO_MANGLING, server: NO_MANGLING },
    drivers: { client: GOOD_DRIVER, server: GOOD_DRIVER },
    configs: { client: config, server: config },
    happenings: options.happenings ?? [],
    faultsEndMs: options.faultsEndMs ?? HOUR_MS,
    connections: options.connections.map(
      ({ openAtMs, serverSends }): ConnectionPlan => ({
        openAtMs,
        key: 'right',
        client: PLAIN_APPLICATION,
        server: { ...PLAIN_APPLICATION, sendBytes: serverSends },
      }),
    ),
  };
}
