import { encodeReceiveTime, type ReceiveTime } from '../../src/core/acknowledgement/receive-time.ts';
import { AckFrame, encodeAckFrame, encodeEcnCounts } from '../../src/core/frames/ack-frame.ts';
import { decodeFrames, encodeStreamHeader, FrameType } from '../../src/core/frames/frames.ts';
import type { EcnCounts } from '../../src/core/recovery/ecn.ts';
import { ByteReader } from '../../src/core/structures/byte-reader.ts';
import { ByteWriter } from '../../src/core/structures/byte-writer.ts';
import { RangeSet } from '../../src/core/structures/range-set.ts';

/** A frame as a value. Ranges are half-open, newest first. */
export type Frame =
  | { readonly type: 'padding' }
  | { readonly type: 'ping' }
  | {
      readonly type: 'ack';
      readonly delayMs: number;
      readonly ranges: readonly (readonly [number, number])[];
      readonly ecn?: EcnCounts;
    }
  | ({ readonly type: 'receive-time' } & ReceiveTime)
  | { readonly type: 'reset'; readonly code: number; readonly reason: string }
  | { readonly type: 'max-data'; readonly bytesMax: number }
  | { readonly type: 'fin'; readonly finalSize: number }
  | { readonly type: 'handshake-ack' }
  | { readonly type: 'stream'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'path-challenge' | 'path-response'; readonly data: Uint8Array };

/** The bytes of one frame. */
export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(1500));
  switch (frame.type) {
    case 'padding':
      writer.u8(FrameType.padding);
      break;
    case 'ping':
      writer.u8(FrameType.ping);
      break;
    case 'ack': {
      const received = new RangeSet();
      for (const [start, end] of frame.ranges) received.add(start, end);
      writer.u8(frame.ecn ? FrameType.ackEcn : FrameType.ack);
      encodeAckFrame(writer, received, frame.delayMs, 1400);
      if (frame.ecn) encodeEcnCounts(writer, frame.ecn);
      break;
    }
    case 'receive-time':
      writer.u8(FrameType.receiveTime);
      encodeReceiveTime(writer, frame);
      break;
    case 'reset':
      writer.u8(FrameType.reset);
      writer.varint(frame.code);
      writer.u8(frame.reason.length);
      writer.raw(Buffer.from(frame.reason, 'latin1'));
      break;
    case 'max-data':
      writer.u8(FrameType.maxData);
      writer.varint(frame.bytesMax);
      break;
    case 'fin':
      writer.u8(FrameType.fin);
      writer.varint(frame.finalSize);
      break;
    case 'handshake-ack':
      writer.u8(FrameType.handshakeAck);
      break;
    case 'stream':
      encodeStreamHeader(writer, frame.offset, frame.bytes.length);
      writer.raw(frame.bytes);
      break;
    case 'path-challenge':
    case 'path-response':
      writer.u8(frame.type === 'path-challenge' ? FrameType.pathChallenge : FrameType.pathResponse);
      writer.raw(frame.data);
      break;
  }
  return writer.bytes.slice(0, writer.position);
}

/** The frames of a decrypted packet, in order, without padding; throws what the core's decoder throws. */
export function decodeFrameList(bytes: Uint8Array): Frame[] {
  const frames: Frame[] = [];
  decodeFrames(new ByteReader(bytes), {
    ackFrame: new AckFrame(),
    handlePing: () => frames.push({ type: 'ping' }),
    handleAck: ({ delayMs, rangeCount, bounds, ecn }) => {
      const ranges = Array.from({ length: rangeCount }, (_, index): [number, number] => [
        bounds[2 * index] as number,
        bounds[2 * index + 1] as number,
      ]);
      frames.push({ type: 'ack', delayMs, ranges, ...(ecn ? { ecn } : {}) });
    },
    handleReceiveTime: (time) => frames.push({ type: 'receive-time', ...time }),
    handleReset: (code, reason) => frames.push({ type: 'reset', code, reason }),
    handleMaxData: (bytesMax) => frames.push({ type: 'max-data', bytesMax }),
    handleFin: (finalSize) => frames.push({ type: 'fin', finalSize }),
    handleHandshakeAck: () => frames.push({ type: 'handshake-ack' }),
    handleStream: (offset, segment) => frames.push({ type: 'stream', offset, bytes: segment.slice() }),
    handlePathChallenge: (data) => frames.push({ type: 'path-challenge', data: data.slice() }),
    handlePathResponse: (data) => frames.push({ type: 'path-response', data: data.slice() }),
  });
  return frames;
}
