import { parseArgs } from 'node:util';
import { parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { findPacketCrypto, nodeCryptoProvider } from '@parley/rudp';
import type { CongestionControllerName, CryptoProvider } from '@parley/rudp/core';
import { printLine } from './json-lines.ts';
import { allocationsOf, collectionMsOf } from './packets/allocations.ts';
import { JoinedEndpoints, type Step } from './packets/joined-endpoints.ts';
import { withoutProtection } from './packets/unprotected-crypto.ts';

const LIBRARIES = ['none', 'openssl-ffi', 'node'] as const;
type Library = (typeof LIBRARIES)[number];
const CONTROLLERS: readonly CongestionControllerName[] = ['bbr', 'cubic', 'fixed-window'];

const usage = `usage: npm run bench:packets -- [options]

What a packet costs in the core of @parley/rudp: a sender and a receiver in one process, joined by memory, without sockets.
One line of JSON for each library: nanoseconds for each packet of the sender, by step, in the fastest quarter of the round trips;
bytes allocated on the heap for each packet, and where; garbage collection. Figures on a shared machine are noise: quote ratios of one run.

  --aead LIST           none, openssl-ffi, node (default: all that work here)
  --controller NAME     congestion controller (default: bbr)
  --megabytes N         what to move (default: 200)
  --datagram BYTES      a full packet (default: 1472)
  --single              one packet at a time to the receiver, as without coalescing
  --allocations         also where the heap was allocated
`;

interface PacketOptions {
  readonly libraries: readonly Library[];
  readonly controller: CongestionControllerName;
  readonly bytes: number;
  readonly datagramBytes: number;
  readonly isCoalescing: boolean;
  readonly showsAllocations: boolean;
}

function cryptoFor(library: Library): CryptoProvider {
  return library === 'none' ? withoutProtection(nodeCryptoProvider) : findPacketCrypto(library).crypto;
}

/** What a quarter of all values stays below: what other programs take meanwhile is no cost of ours. */
function lowerQuartile(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 2] as number;
}

/** Nanoseconds for each packet, by step, one row for each round trip. */
function stepsOf(pair: JoinedEndpoints, bytes: number): Record<Step | 'all', number>[] {
  const rows: Record<Step | 'all', number>[] = [];
  let before = { ...pair.milliseconds };
  let packetsBefore = pair.packets;
  pair.run(bytes, () => {
    const row = { all: 0 } as Record<Step | 'all', number>;
    for (const step of Object.keys(before) as Step[]) {
      row[step] = ((pair.milliseconds[step] - before[step]) * 1e6) / (pair.packets - packetsBefore);
      row.all += row[step];
    }
    rows.push(row);
    before = { ...pair.milliseconds };
    packetsBefore = pair.packets;
  });
  return rows;
}

async function measure(library: Library, options: PacketOptions): Promise<void> {
  const pair = new JoinedEndpoints({ ...options, crypto: cryptoFor(library) });
  // Compiled code only: the first megabytes go by uncounted.
  pair.run(options.bytes / 4);
  const packetsAtStart = pair.packets;
  let rows: Record<Step | 'all', number>[] = [];
  const collectionMs = await collectionMsOf(() => {
    rows = stepsOf(pair, options.bytes);
  });
  const packets = pair.packets - packetsAtStart;
  const profiledFrom = pair.packets;
  const allocations = await allocationsOf(() => pair.run(options.bytes / 4));
  const profiledPackets = pair.packets - profiledFrom;
  const steps = Object.keys(rows[0] ?? {}) as (Step | 'all')[];
  const perPacket = (bytes: number) => Math.round(bytes / profiledPackets);
  const result = {
    aead: pair.library,
    controller: options.controller,
    packets,
    nsPerPacket: Object.fromEntries(
      steps.map((step) => [step, Math.round(lowerQuartile(rows.map((row) => row[step])))]),
    ),
    allocatedBytesPerPacket: perPacket(allocations.bytes),
    collectionNsPerPacket: Math.round((collectionMs * 1e6) / packets),
    ...(options.showsAllocations
      ? { allocations: allocations.top.map(({ name, bytes }) => `${perPacket(bytes)} ${name}`) }
      : {}),
  };
  printLine(result);
}

function parseOptions(args: readonly string[]): PacketOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      aead: { type: 'string' },
      controller: { type: 'string', default: 'bbr' },
      megabytes: { type: 'string', default: '200' },
      datagram: { type: 'string', default: '1472' },
      single: { type: 'boolean', default: false },
      allocations: { type: 'boolean', default: false },
    },
  });
  const [controller = 'bbr'] = parseNames('controller', values.controller, CONTROLLERS);
  const hasOpenssl = findPacketCrypto('auto').missing === undefined;
  return {
    libraries:
      values.aead === undefined
        ? LIBRARIES.filter((library) => library !== 'openssl-ffi' || hasOpenssl)
        : parseNames('aead', values.aead, LIBRARIES),
    controller,
    bytes: parseNumber('megabytes', values.megabytes, { min: 1, max: 100_000 }) * 1e6,
    datagramBytes: parseCount('datagram', values.datagram, { min: 1_200, max: 65_507 }),
    isCoalescing: !values.single,
    showsAllocations: values.allocations,
  };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  for (const library of options.libraries) await measure(library, options);
}

await runMain({ name: 'bench:packets', usage }, run);
