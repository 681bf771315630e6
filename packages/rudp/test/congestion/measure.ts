import { createRandom } from '@parley/netsim';
import { BbrController } from '../../src/core/congestion/bbr/bbr.ts';
import { PACKET_BYTES } from './model-flow.ts';
import { busyEventLoop, type ModelFlow, PathModel, type Stalls } from './path-model.ts';

/** One cell: a link, and how long to run over it. */
export interface Cell {
  readonly rateMbps: number;
  readonly rttMs: number;
  readonly lossRatio?: number;
  /** Bytes of the queue; one bandwidth-delay product, at least 64 KB, without it. */
  readonly queueBytes?: number;
  /** Both ends stall now and then; without it they never do. */
  readonly stalls?: Stalls | undefined;
  readonly seed: number;
}

/** What a stretch of a run has shown, all flows together where nothing else is said. */
export interface Measurement {
  /** Delivered bytes as a part of what the link can deliver: rate × (1 − loss). */
  readonly utilization: number;
  /** Delivered by each flow, in Mbit/s. */
  readonly flowsMbps: readonly number[];
  /** Bytes sent as a multiple of what the wire's loss makes necessary. */
  readonly wireRatio: number;
  /** Part of the bytes sent that the queue dropped. */
  readonly dropRatio: number;
  /** Average queue, in round trips of the first flow. */
  readonly queueRtts: number;
}

/** A path with flows on it that is run in stretches; everything random comes from the cell's seed. */
export class CellRun {
  readonly path: PathModel;
  readonly #cell: Cell;

  constructor(cell: Cell) {
    this.#cell = cell;
    const random = createRandom(cell.seed);
    const { stalls } = cell;
    const loop = random.fork('event loop');
    this.path = new PathModel({
      rateMbps: cell.rateMbps,
      queueBytes: cell.queueBytes ?? Math.max(this.bdpBytes, 65_536),
      lossRatio: cell.lossRatio ?? 0,
      random: () => random.ratio(),
      ...(stalls ? { eventLoop: () => busyEventLoop(() => loop.ratio(), stalls) } : {}),
    });
  }

  /** Bandwidth-delay product of the link as the cell describes it. */
  get bdpBytes(): number {
    return this.#cell.rateMbps * 125 * this.#cell.rttMs;
  }

  /** Adds a bulk transfer under BBR that starts now or later. */
  addBbr(startsAtMs = this.path.now): { flow: ModelFlow; controller: BbrController } {
    const random = createRandom(this.#cell.seed).fork(`flow ${this.path.flows.length}`);
    const controller = new BbrController({
      maxDatagramBytes: PACKET_BYTES,
      random: () => random.ratio(),
    });
    return { flow: this.path.addFlow(controller, this.#cell.rttMs, startsAtMs), controller };
  }

  /** Runs for so long and tells what that stretch has shown. */
  run(durationMs: number): Measurement {
    const { path } = this;
    const before = this.#totals();
    path.run(path.now + durationMs);
    const after = this.#totals();
    const received = after.received.map((bytes, index) => bytes - (before.received[index] ?? 0));
    const receivedBytes = received.reduce((sum, bytes) => sum + bytes, 0);
    const sentBytes = after.sentBytes - before.sentBytes;
    const limitBytes = path.rateMbps * 125 * durationMs * (1 - path.lossRatio);
    return {
      utilization: receivedBytes / limitBytes,
      flowsMbps: received.map((bytes) => bytes / durationMs / 125),
      wireRatio: (sentBytes * (1 - path.lossRatio)) / receivedBytes,
      dropRatio: (after.droppedBytes - before.droppedBytes) / sentBytes,
      queueRtts: (path.queueByteMs - before.queueByteMs) / durationMs / this.bdpBytes,
    };
  }

  #totals() {
    const { flows, queueByteMs } = this.path;
    return {
      queueByteMs,
      received: flows.map((flow) => flow.receiver.receivedBytes),
      sentBytes: flows.reduce((sum, flow) => sum + flow.sender.sentBytes, 0),
      droppedBytes: flows.reduce((sum, flow) => sum + flow.queueDroppedBytes, 0),
    };
  }
}

/** Jain's fairness index: 1 when all have the same, 1/n when one has everything. */
export function jainIndex(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return sum ** 2 / (values.length * squares);
}
