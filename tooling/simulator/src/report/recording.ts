import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, formatTraceRecord } from '@parley/netsim';
import { QlogWriter } from '@parley/rudp';
import type { ObserverFactory } from '@parley/rudp/core';
import type { Side } from '../plan/plan.ts';
import type { Run, RunRecorder } from '../run.ts';
import { type CapturedDatagram, encodePcap } from './pcap.ts';

/** Keeps everything that a run does, to be looked at by a person. */
export class Recording implements RunRecorder {
  readonly #datagrams: CapturedDatagram[] = [];
  readonly #lines: { atMs: number; text: string }[] = [];
  /** The parts of each qlog, by the end of the file's name. */
  readonly #qlogs = new Map<string, string[]>();
  #run: Run | undefined;

  /** Writes a qlog of each end. The clocks of the two sides differ: the reference time is that of the simulation. */
  readonly observe: ObserverFactory = (now, connection) => {
    const parts: string[] = [];
    // A process that has restarted may answer the same SYN again.
    this.#qlogs.set(`${this.#qlogs.size}-${connection.clientId}-${connection.side}`, parts);
    return new QlogWriter({
      connection,
      startedAtMs: now,
      wallClockMs: this.#run?.simulation.now ?? 0,
      write: (text) => parts.push(text),
    });
  };

  onStart(run: Run): void {
    this.#run = run;
    for (const happening of run.plan.happenings) {
      this.#lines.push({ atMs: happening.atMs, text: `*** ${JSON.stringify(happening)}` });
    }
    this.#lines.push({ atMs: run.plan.faultsEndMs, text: '*** the faults end' });
  }

  onSent(atMs: number, from: Side, remote: Address, bytes: Uint8Array): void {
    const source = this.#run?.simulation.network.addressOf(from) ?? remote;
    this.#datagrams.push({ atMs, source, target: remote, payload: bytes.slice() });
  }

  onEvent(atMs: number, side: Side, text: string): void {
    this.#lines.push({ atMs, text: `${side}: ${text}` });
  }

  /**
   * Writes `seed-N.pcap`, what both endpoints sent, `seed-N.log`, what became of it, and `seed-N-….sqlog`, a qlog of each end
   * of each connection; returns the paths.
   */
  write(folder: string): string[] {
    mkdirSync(folder, { recursive: true });
    const name = join(folder, `seed-${this.#run?.plan.seed}`);
    const records = this.#run?.simulation.trace.records ?? [];
    const lines = [
      ...this.#lines.map(({ atMs, text }) => ({ atMs, text: `${atMs.toFixed(3)} ms  ${text}` })),
      ...records.map((record) => ({ atMs: record.sentAtMs, text: formatTraceRecord(record) })),
    ].sort((left, right) => left.atMs - right.atMs);
    writeFileSync(`${name}.pcap`, encodePcap(this.#datagrams));
    writeFileSync(`${name}.log`, `${lines.map(({ text }) => text).join('\n')}\n`);
    const qlogs = [...this.#qlogs].map(([end, parts]) => {
      writeFileSync(`${name}-${end}.sqlog`, parts.join(''));
      return `${name}-${end}.sqlog`;
    });
    return [`${name}.pcap`, `${name}.log`, ...qlogs];
  }
}
