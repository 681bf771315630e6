import { expect, test } from 'vitest';
import { BlockDecoder, encodeBlockHeader, encodeSignal, Signal } from '../../../src/node/tls/blocks.ts';

const stream = Buffer.concat([
  encodeBlockHeader(3),
  Buffer.from('abc'),
  encodeBlockHeader(1),
  Buffer.from('d'),
  encodeSignal(Signal.finished),
  encodeSignal(Signal.received),
  encodeSignal(0x105),
]);

// CHAT-TCP-4
test('the bytes of blocks and signals are these', () => {
  expect(stream.toString('hex')).toBe(
    '00000003616263' + '0000000164' + '000000000000' + '000000000001' + '000000000105',
  );
});

// CHAT-TCP-4
test.each([1, 2, 3, 5, 7, stream.byteLength])('they read the same in pieces of %i bytes', (pieceBytes) => {
  const bytes: string[] = [];
  const signals: number[] = [];
  const decoder = new BlockDecoder({
    onBytes: (piece) => bytes.push(Buffer.from(piece).toString()),
    onSignal: (signal) => signals.push(signal),
  });
  for (let start = 0; start < stream.byteLength; start += pieceBytes) {
    decoder.push(stream.subarray(start, start + pieceBytes));
  }
  expect(bytes.join('')).toBe('abcd');
  expect(signals).toEqual([Signal.finished, Signal.received, 0x105]);
});

// CHAT-TCP-4
test.each([2, 0xff])('signal %i does not exist', (signal) => {
  const decoder = new BlockDecoder({ onBytes: () => {}, onSignal: () => {} });
  expect(() => decoder.push(encodeSignal(signal))).toThrow(`there is no signal ${signal}`);
});
