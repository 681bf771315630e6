import { expect, test } from 'vitest';
import type { ConnectionId } from '../../src/domain/events.ts';
import { piecesInOrder, SharedFrames } from '../../src/node/connections/shared-frames.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const MEMBERS = [1, 2] as ConnectionId[];

function shared(...frames: [text: string, place: number][]): SharedFrames {
  const all = new SharedFrames(MEMBERS);
  for (const [text, place] of frames) all.add(bytes(text), place);
  return all;
}

const inOrder = (own: [text: string, place: number][], ...rooms: SharedFrames[]) =>
  piecesInOrder(
    own.map(([text, place]) => ({ frame: bytes(text), place })),
    rooms,
  )
    .map((piece) => new TextDecoder().decode(piece))
    .join(' ');

test('the frames of a room are one piece for all members, made once', () => {
  const room = shared(['one', 1], ['two', 2]);
  expect(inOrder([], room)).toBe('onetwo');
  expect(room.joined).toBe(room.joined);
  expect(room.byteCount).toBe(6);
});

test('frames that lie one behind the other are not copied', () => {
  const memory = bytes('..onetwothree');
  const made = (start: number, end: number) => memory.subarray(start, end);
  const inARow = new SharedFrames(MEMBERS);
  for (const [index, frame] of [made(2, 5), made(5, 8), made(8, 13)].entries()) inARow.add(frame, index);
  expect(inARow.joined.toString()).toBe('onetwothree');
  expect(inARow.joined.buffer).toBe(memory.buffer);
  const apart = new SharedFrames(MEMBERS);
  for (const [index, frame] of [made(5, 8), made(2, 5), made(8, 13)].entries()) apart.add(frame, index);
  expect(apart.joined.toString()).toBe('twoonethree');
});

test('a frame of its own comes to a member where it was sent among those of the room', () => {
  expect(inOrder([['own', 2]], shared(['one', 1], ['two', 3], ['three', 4]))).toBe('one own twothree');
  expect(inOrder([['first', 0]], shared(['one', 1]))).toBe('first one');
  expect(inOrder([['last', 9]], shared(['one', 1], ['two', 2]))).toBe('onetwo last');
  expect(
    inOrder(
      [
        ['a', 2],
        ['b', 3],
      ],
      shared(['one', 1], ['two', 4]),
    ),
  ).toBe('one a b two');
});

test('each room keeps its order around it, and nothing is sent twice', () => {
  const [tea, coffee] = [shared(['t1', 1], ['t2', 4]), shared(['c1', 2], ['c2', 5])];
  expect(inOrder([['own', 3]], tea, coffee)).toBe('t1 c1 own t2 c2');
  expect(inOrder([], tea, coffee)).toBe('t1t2 c1c2');
});
