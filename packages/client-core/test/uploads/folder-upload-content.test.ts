import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeFolderWish } from '@parley/protocol';
import { expect, test } from 'vitest';
import { FolderUploadContent } from '../../src/node/uploads/folder-upload-content.ts';
import { makeFolder } from '../downloads/support.ts';

/** A folder with one file, read. */
async function prepared() {
  const folder = join(makeFolder(), 'docs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'a'), 'one');
  const content = new FolderUploadContent(folder, 'docs');
  await content.prepare();
  const { manifestBytes = 0 } = content.announced.folder ?? {};
  return { content, manifestBytes };
}

const offer = { transferId: 1, host: '', udpPort: 1, tcpPort: 1, ticket: new Uint8Array(32) };

// CHAT-FOLDER-14
test('of the list only that is sent which the server does not have', async () => {
  const { content, manifestBytes } = await prepared();
  const pieces = async (start: number) => {
    const stream = content.begin({ ...offer, start });
    stream.handleAnswer(encodeFolderWish([{ start: 0, end: 1, from: 0 }]));
    const lengths: number[] = [];
    for await (const { byteLength } of stream.pieces()) lengths.push(byteLength);
    return { lengths, moved: stream.movedBytes(lengths.reduce((sum, length) => sum + length, 0)) };
  };
  // A status, three bytes, another status and a digest.
  const file = 1 + 3 + 1 + 32;
  expect(await pieces(0)).toEqual({ lengths: [manifestBytes, file], moved: 3 });
  expect(await pieces(10)).toEqual({ lengths: [manifestBytes - 10, file], moved: 3 });
  expect(await pieces(manifestBytes)).toEqual({ lengths: [file], moved: 3 });
});

// CHAT-FOLDER-14
test('a server that has more of the list than there is breaks the protocol', async () => {
  const { content, manifestBytes } = await prepared();
  const begin = () => content.begin({ ...offer, start: manifestBytes + 1 });
  expect(begin).toThrow(expect.objectContaining({ code: 'protocol-violation' }));
});
