import { expect, test } from 'vitest';
import type { UploadOffer } from '../../src/index.ts';
import { TransferError, UdpBackError } from '../../src/node/transfers/transfer-error.ts';
import { RunningUpload } from '../../src/node/uploads/running-upload.ts';
import type { UploadContent } from '../../src/node/uploads/upload-content.ts';

const offer: UploadOffer = {
  transferId: 1,
  host: '127.0.0.1',
  udpPort: 1,
  tcpPort: 1,
  ticket: new Uint8Array(32),
  start: 0,
};

test('an upload whose way changes is asked for anew, without any trouble to tell of', async () => {
  const content: UploadContent = {
    size: 0,
    isRereadable: false,
    announced: { size: 0, chunkRoot: new Uint8Array(32) },
    sha256: undefined,
    leftOut: [],
    prepare: async () => undefined,
    begin: () => ({
      resumedBytes: 0,
      movedBytes: () => 0,
      handleAnswer: () => undefined,
      pieces: async function* () {},
    }),
    close: () => undefined,
  };
  const ends = [Promise.reject(new UdpBackError()), Promise.resolve()];
  const troubles: unknown[] = [];
  const upload: RunningUpload = new RunningUpload(
    { sourcePath: '/notes' },
    {
      content,
      openStream: () => ({
        confirmed: ends.shift() as Promise<void>,
        acknowledgedBytes: 0,
        write: () => undefined,
        end: () => undefined,
        reset: () => undefined,
      }),
      listener: {
        onProgress: () => undefined,
        onWanted: ({ trouble }) => {
          troubles.push(trouble);
          queueMicrotask(() => upload.take(offer));
        },
      },
    },
  );
  // The second stream takes no end either: all that is awaited is its confirmation.
  await new Promise(setImmediate);
  expect(troubles).toEqual([undefined, undefined]);
  upload.stop();
});

test('what the pieces of an attempt are read from is closed when its stream breaks', async () => {
  const open = new Set<number>();
  let attempts = 0;
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const attempt = ++attempts;
    open.add(attempt);
    try {
      for (;;) yield new Uint8Array(8);
    } finally {
      open.delete(attempt);
    }
  }
  const content: UploadContent = {
    size: 1_000,
    isRereadable: true,
    announced: { size: 1_000, chunkRoot: new Uint8Array(32) },
    sha256: undefined,
    leftOut: [],
    prepare: async () => undefined,
    begin: () => ({ resumedBytes: 0, movedBytes: () => 0, handleAnswer: () => undefined, pieces }),
    close: () => undefined,
  };
  const openAtOffers: number[] = [];
  let breakStream: (error: TransferError) => void = () => undefined;
  const upload: RunningUpload = new RunningUpload(
    { sourcePath: '/photos' },
    {
      content,
      openStream: () => ({
        confirmed: new Promise((_, reject) => {
          breakStream = reject;
        }),
        acknowledgedBytes: 0,
        // Like a connection that is gone: it takes nothing more, and says nothing.
        write: () => queueMicrotask(() => breakStream(new TransferError('connection-lost', 'cut'))),
        end: () => undefined,
        reset: () => undefined,
      }),
      listener: {
        onProgress: () => undefined,
        onWanted: () => {
          openAtOffers.push(open.size);
          queueMicrotask(() => (openAtOffers.length < 4 ? upload.take(offer) : upload.stop()));
        },
      },
    },
  );
  expect(await upload.outcome).toEqual({ kind: 'stopped' });
  expect(openAtOffers).toEqual([0, 0, 0, 0]);
});
