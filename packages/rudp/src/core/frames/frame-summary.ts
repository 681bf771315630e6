import type { ReceiveTime } from '../acknowledgement/receive-time.ts';
import type { EcnCounts } from '../recovery/ecn.ts';
import { ByteReader, MalformedPacketError } from '../structures/byte-reader.ts';
import { AckFrame } from './ack-frame.ts';
import { decodeFrames, type FrameHandler } from './frames.ts';

/** A frame as an observer sees it: its fields, without stream bytes. */
export type ObservedFrame =
  | { readonly type: 'ping' }
  /** `ranges` are `[first, last]`, the newest first. */
  | {
      readonly type: 'ack';
      readonly delayMs: number;
      readonly ranges: readonly (readonly [number, number])[];
      /** The counts of an ACK-ECN. */
      readonly ecn?: EcnCounts;
    }
  | ({ readonly type: 'receive-time' } & ReceiveTime)
  | { readonly type: 'reset'; readonly code: number; readonly reason: string }
  | { readonly type: 'max-data'; readonly bytesMax: number }
  | { readonly type: 'fin'; readonly finalSize: number }
  | { readonly type: 'handshake-ack' }
  | { readonly type: 'stream'; readonly offset: number; readonly length: number }
  | { readonly type: 'path-challenge' }
  | { readonly type: 'path-response' };

/** The frames between `start` and `end` of a packet in the clear; of a malformed packet those before the fault. */
export function summarizeFrames(packet: Uint8Array, start: number, end: number): ObservedFrame[] {
  const summary = new FrameSummary();
  try {
    decodeFrames(new ByteReader(packet, start, end), summary);
  } catch (error) {
    if (!(error instanceof MalformedPacketError)) throw error;
  }
  return summary.frames;
}

class FrameSummary implements FrameHandler {
  readonly ackFrame = new AckFrame();
  readonly frames: ObservedFrame[] = [];

  handlePing(): void {
    this.frames.push({ type: 'ping' });
  }

  handleAck({ delayMs, rangeCount, bounds, ecn }: AckFrame): void {
    const ranges: [number, number][] = [];
    for (let index = 0; index < rangeCount; index += 1) {
      ranges.push([bounds[2 * index] as number, (bounds[2 * index + 1] as number) - 1]);
    }
    this.frames.push({ type: 'ack', delayMs, ranges, ...(ecn ? { ecn } : {}) });
  }

  handleReceiveTime(time: ReceiveTime): void {
    this.frames.push({ type: 'receive-time', ...time });
  }

  handleReset(code: number, reason: string): void {
    this.frames.push({ type: 'reset', code, reason });
  }

  handleMaxData(bytesMax: number): void {
    this.frames.push({ type: 'max-data', bytesMax });
  }

  handleFin(finalSize: number): void {
    this.frames.push({ type: 'fin', finalSize });
  }

  handleHandshakeAck(): void {
    this.frames.push({ type: 'handshake-ack' });
  }

  handleStream(offset: number, bytes: Uint8Array): void {
    this.frames.push({ type: 'stream', offset, length: bytes.length });
  }

  handlePathChallenge(): void {
    this.frames.push({ type: 'path-challenge' });
  }

  handlePathResponse(): void {
    this.frames.push({ type: 'path-response' });
  }
}
