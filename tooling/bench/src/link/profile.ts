/** An emulated link: what `--profile` names, ready for the emulator. */
export interface LinkProfile {
  /** As it was asked for. */
  readonly name: string;
  /** 0 means unlimited. */
  readonly rateMbps: number;
  readonly roundTripMs: number;
  /** Arguments of the emulator. */
  readonly linkemArguments: readonly string[];
}

type Settings = Readonly<Record<string, string>>;

/** Links with a name; more settings may follow, as in `dsl,loss=2`. */
export const NAMED_PROFILES: Readonly<Record<string, Settings>> = {
  raw: {},
  lan: { rate: '1000', rtt: '2' },
  fibre: { rate: '500', rtt: '20' },
  dsl: { rate: '50', rtt: '40', loss: '0.1' },
  wifi: { rate: '100', rtt: '10', loss: '1', jitter: '4', reorder: '0.5' },
  lte: { rate: '30', rtt: '70', jitter: '10', queue: '200ms', loss: '0.5' },
  sat: { rate: '50', rtt: '600', loss: '0.5' },
  burst: { rate: '100', rtt: '50', ge: '0.2,20,50,0' },
  nasty: { rate: '20', rtt: '80', loss: '5', jitter: '20', reorder: '5', dup: '2', corrupt: '1' },
};

// Handed to the emulator as they are; it knows what they mean and refuses what it does not understand.
const PASSED_ON = ['jitter', 'reorder', 'hold', 'dup', 'corrupt', 'ge', 'outage', 'mtu', 'seed'];
const KNOWN = ['rate', 'rtt', 'queue', 'loss', 'bothloss', ...PASSED_ON];

/**
 * Reads `rate=100,rtt=50,loss=1`, `wifi`, or `wifi,loss=2`: Mbit/s, milliseconds, percent. The round trip is split
 * evenly; `loss` hits the direction from sender to receiver, `bothloss` both; the queue is one bandwidth-delay product.
 */
export function parseProfile(text: string): LinkProfile {
  const settings: Record<string, string> = { rate: '0', rtt: '0', queue: '1bdp' };
  // A comma in front of a digit belongs to the value: ge=0.2,20,50,0.
  for (const part of text.split(/,(?=[a-z])/)) {
    const named = NAMED_PROFILES[part];
    const [key = '', value] = part.split('=');
    if (named !== undefined) Object.assign(settings, named);
    else if (value !== undefined && value !== '' && KNOWN.includes(key)) settings[key] = value;
    else
      throw new Error(
        `expected ${Object.keys(NAMED_PROFILES).join(', ')} or ${KNOWN.join('=, ')}=, got ${part}`,
      );
  }
  return fromSettings(text, settings);
}

function fromSettings(name: string, settings: Settings): LinkProfile {
  const rateMbps = Number(settings.rate);
  const roundTripMs = Number(settings.rtt);
  if (!(rateMbps >= 0 && roundTripMs >= 0)) {
    throw new Error(`expected rate and rtt as numbers, got ${settings.rate} and ${settings.rtt}`);
  }
  const flags: Record<string, string | undefined> = {
    rate: String(rateMbps),
    delay: String(roundTripMs / 2),
    queue: settings.queue,
    loss: settings.bothloss ?? (settings.loss === undefined ? undefined : `${settings.loss},0`),
    ...Object.fromEntries(PASSED_ON.map((key) => [key, settings[key]])),
  };
  const linkemArguments = Object.entries(flags).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, value],
  );
  return { name, rateMbps, roundTripMs, linkemArguments };
}
