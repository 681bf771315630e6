import { type ParseArgsConfig, parseArgs } from 'node:util';
import type { Address, LinkOptions } from '@parley/netsim';
import type { RelayOptions } from './relay.ts';

/** A relay whose target is known. */
export interface CommandLine extends RelayOptions {
  readonly target: Address;
}

/** What `--help` prints. */
export const usage = `usage: relay --target HOST:PORT [options]

A UDP relay that behaves like a bad network. Each value is for both directions, or "TO,FROM" the target.
  --host HOST        where to listen (127.0.0.1)      --port PORT       (0: a free one)
  --delay MS         one way                          --jitter MS       extra, from 0 to this
  --loss PERCENT     each packet by itself            --corrupt PERCENT one bit flipped
  --duplicate PERCENT                                 --reorder PERCENT held back by --hold-back MS (2)
  --rate MBIT/S      with a queue of --queue BYTES    --mtu BYTES       larger packets vanish
  --seed SEED        the same seed, the same faults (1)
SIGINT or SIGTERM ends it; it prints its statistics as JSON then.
`;

type Direction = 'toTarget' | 'fromTarget';

/** How an option of the command line becomes a link option. */
const LINK_FLAGS = {
  delay: { name: 'delayMs', factor: 1 },
  jitter: { name: 'jitterMs', factor: 1 },
  loss: { name: 'loss', factor: 0.01 },
  corrupt: { name: 'corruptRatio', factor: 0.01 },
  duplicate: { name: 'duplicateRatio', factor: 0.01 },
  reorder: { name: 'reorderRatio', factor: 0.01 },
  'hold-back': { name: 'holdBackMs', factor: 1 },
  rate: { name: 'rateBitsPerSecond', factor: 1e6 },
  queue: { name: 'queueBytesMax', factor: 1 },
  mtu: { name: 'mtuBytes', factor: 1 },
} as const satisfies Record<string, { name: keyof LinkOptions; factor: number }>;

const flags = {
  target: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  seed: { type: 'string' },
  ...Object.fromEntries(Object.keys(LINK_FLAGS).map((flag) => [flag, { type: 'string' }] as const)),
} satisfies ParseArgsConfig['options'];

/** The relay that a command line asks for. Throws an Error with what is wrong. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values } = parseArgs({ args: [...args], options: flags, strict: true });
  if (typeof values.target !== 'string') throw new Error('expected --target HOST:PORT');
  const directions: Record<Direction, LinkOptions> = { toTarget: {}, fromTarget: {} };
  for (const [flag, { name, factor }] of Object.entries(LINK_FLAGS)) {
    const text = (values as Record<string, unknown>)[flag];
    if (typeof text !== 'string') continue;
    const [to, from] = parseBothWays(flag, text);
    directions.toTarget = { ...directions.toTarget, [name]: to * factor };
    directions.fromTarget = { ...directions.fromTarget, [name]: from * factor };
  }
  return {
    target: parseAddress(values.target),
    ...directions,
    seed: values.seed ?? '1',
    ...(values.host === undefined ? {} : { host: values.host }),
    ...(values.port === undefined ? {} : { port: parsePort(values.port) }),
  };
}

function parseBothWays(flag: string, text: string): [number, number] {
  const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [to = Number.NaN, from = to] = numbers;
  if (numbers.length > 2 || !(to >= 0 && from >= 0)) {
    throw new Error(`expected --${flag} NUMBER or NUMBER,NUMBER, got ${text}`);
  }
  return [to, from];
}

function parseAddress(text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined) throw new Error(`expected --target HOST:PORT, got ${text}`);
  return { host, port: parsePort(match?.[3] ?? '') };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new Error(`expected a port from 0 to 65535, got ${text}`);
  return port;
}
