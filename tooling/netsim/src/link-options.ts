import type { LossModel } from './loss-model.ts';

/** A time in which a link delivers nothing: from `fromMs` (included) to `untilMs` (excluded), on the simulation's clock. */
export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What one direction of a path does to packets. Everything left out is as good as it can be. Ratios go from 0 to 1. */
export interface LinkOptions {
  /** Time on the wire. */
  readonly delayMs?: number;
  /** Extra time per packet, uniform from 0 to this. Without `keepsOrder` it reorders. */
  readonly jitterMs?: number;
  /** Jitter never lets a packet overtake another (held-back packets still fall behind). */
  readonly keepsOrder?: boolean;
  /** A ratio for independent losses, or a model. */
  readonly loss?: number | LossModel;
  /** Share of packets that arrive twice; the copy has its own jitter and may be held back by itself. */
  readonly duplicateRatio?: number;
  /** Share of packets held back by `holdBackMs`, so that later ones overtake them. */
  readonly reorderRatio?: number;
  /** How long a packet is held back; 2 ms unless told. */
  readonly holdBackMs?: number;
  /** Share of packets that arrive with one bit flipped. */
  readonly corruptRatio?: number;
  /** Line rate; each packet books the line for `(length + overheadBytes) × 8 / rate`. */
  readonly rateBitsPerSecond?: number;
  /** What may wait for the line, the packet being sent included; the larger of 65,536 and two `delayMs` of line time unless told. */
  readonly queueBytesMax?: number;
  /** What IP and UDP add to each packet: 28 bytes unless told. Counts for the rate, the queue and the MTU. */
  readonly overheadBytes?: number;
  /** Largest packet with its overhead; a larger one vanishes, as with IP's "don't fragment" and no ICMP. */
  readonly mtuBytes?: number;
  /** An ECN-capable packet that finds more than this before it in the queue is marked: never, unless told. */
  readonly markQueueBytes?: number;
  /** What the path makes of ECN marks: it may erase them, as some routers do. */
  readonly marks?: 'kept' | 'erased';
  readonly outages?: readonly Outage[];
  /** Scripted loss: true drops the packet. `index` counts what was offered to this link, from 0. */
  readonly drop?: (index: number, bytes: Uint8Array) => boolean;
}

/** Link options with every value present. */
export interface ResolvedLinkOptions extends Required<LinkOptions> {
  readonly loss: LossModel;
}

/** Fills in what was left out and refuses what makes no sense, such as a loss of 10 where 0.1 was meant. */
export function resolveLinkOptions(options: LinkOptions): ResolvedLinkOptions {
  const { loss = 0, delayMs = 0, rateBitsPerSecond = Number.POSITIVE_INFINITY } = options;
  const resolved: ResolvedLinkOptions = {
    delayMs,
    jitterMs: options.jitterMs ?? 0,
    keepsOrder: options.keepsOrder ?? false,
    loss: typeof loss === 'number' ? { kind: 'independent', ratio: loss } : loss,
    duplicateRatio: options.duplicateRatio ?? 0,
    reorderRatio: options.reorderRatio ?? 0,
    holdBackMs: options.holdBackMs ?? 2,
    corruptRatio: options.corruptRatio ?? 0,
    rateBitsPerSecond,
    queueBytesMax: options.queueBytesMax ?? defaultQueueBytes(rateBitsPerSecond, delayMs),
    overheadBytes: options.overheadBytes ?? 28,
    mtuBytes: options.mtuBytes ?? Number.POSITIVE_INFINITY,
    markQueueBytes: options.markQueueBytes ?? Number.POSITIVE_INFINITY,
    marks: options.marks ?? 'kept',
    outages: options.outages ?? [],
    drop: options.drop ?? (() => false),
  };
  for (const [name, value] of Object.entries({ ...resolved, ...resolved.loss })) {
    if (typeof value !== 'number') continue;
    const max = name.endsWith('Ratio') || name === 'ratio' ? 1 : Number.POSITIVE_INFINITY;
    if (!(value >= 0 && value <= max)) {
      throw new RangeError(`expected ${name} from 0 to ${max}, got ${value}`);
    }
  }
  if (resolved.rateBitsPerSecond === 0) {
    throw new RangeError('expected rateBitsPerSecond above 0, got 0: use an outage or a partition');
  }
  return resolved;
}

// One bandwidth-delay product when both directions have this delay, as the emulated link of the benchmarks has.
function defaultQueueBytes(rateBitsPerSecond: number, delayMs: number): number {
  if (rateBitsPerSecond === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return Math.max(65_536, Math.ceil((rateBitsPerSecond / 8000) * 2 * delayMs));
}
