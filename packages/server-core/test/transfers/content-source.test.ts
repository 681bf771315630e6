import { expect, test } from 'vitest';
import { ContentSource } from '../../src/node/transfers/content-source.ts';

/** A content that gives the pieces, each in the buffer if it is marked so, and sees how large that was. */
function contentOf(pieces: readonly { readonly text: string; readonly isElsewhere?: boolean }[]) {
  const left = [...pieces];
  const buffers: number[] = [];
  return {
    overheadBytes: 0,
    bufferBytes: 0,
    open: () => undefined,
    close: () => undefined,
    buffers,
    read: (buffer: Uint8Array): Uint8Array | undefined => {
      buffers.push(buffer.byteLength);
      const piece = left.shift();
      if (piece === undefined || piece.isElsewhere) return piece && Buffer.from(piece.text);
      return buffer.subarray(0, Buffer.from(buffer.buffer, buffer.byteOffset).write(piece.text));
    },
  };
}

/** Reads all of it into targets of this size. */
function readAll(source: ContentSource, byteLength: number): string {
  let text = '';
  for (;;) {
    const target = Buffer.alloc(byteLength);
    const count = source.read(target);
    if (count === undefined) return text;
    text += target.subarray(0, count).toString();
  }
}

const never = () => expect.unreachable('there is always something');

test('what fits is read into the memory that it leaves from', () => {
  const content = contentOf([{ text: 'one' }, { text: 'two' }]);
  const target = Buffer.alloc(8192);
  const source = new ContentSource(content, never);
  expect([source.read(target), target.toString('utf8', 0, 3)]).toEqual([3, 'one']);
  expect([source.read(target), target.toString('utf8', 0, 3)]).toEqual([3, 'two']);
  expect(source.read(target)).toBeUndefined();
  expect(content.buffers).toEqual([8192, 8192, 8192]);
});

test('what lies elsewhere is copied in parts', () => {
  const text = 'a list that is longer than what there is room for';
  const source = new ContentSource(contentOf([{ text, isElsewhere: true }, { text: '!' }]), never);
  expect(readAll(source, 7)).toBe(`${text}!`);
});

test('a content never gets less room than it needs', () => {
  const content = contentOf([{ text: 'some bytes of a file' }, { text: ' and more' }]);
  expect(readAll(new ContentSource(content, never), 3)).toBe('some bytes of a file and more');
  expect(content.buffers).toEqual([4096, 4096, 4096]);
});

test('a content that lets others go first gives nothing, and says so', () => {
  let rests = 0;
  const content = contentOf([{ text: '', isElsewhere: true }, { text: 'late' }]);
  const source = new ContentSource(content, () => {
    rests += 1;
  });
  const target = Buffer.alloc(8192);
  expect([source.read(target), rests]).toEqual([0, 1]);
  expect([source.read(target), rests]).toEqual([4, 1]);
});
