// One call of the file system fails, each one in turn, while a file is read to be sent.
import * as nodeFileSystem from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TransferEngine, type TransferEngineOptions } from '../../src/node/transfers/transfer-engine.ts';
import { SourceFile, type SourceFileSystem } from '../../src/node/uploads/source-file.ts';
import { makeFolder, patternBytes, systemError } from '../downloads/support.ts';

/** `node:fs`, of which one call fails; what is open in the end. */
function failingFileSystem(failsAt: number) {
  const open = new Set<number>();
  let calls = 0;
  const fail = () => {
    calls += 1;
    if (calls === failsAt) throw systemError('EIO');
  };
  const fileSystem: Record<keyof SourceFileSystem, (...values: never[]) => unknown> = {
    openSync: (...values: Parameters<typeof nodeFileSystem.openSync>) => {
      fail();
      const descriptor = nodeFileSystem.openSync(...values);
      open.add(descriptor);
      return descriptor;
    },
    closeSync: (descriptor: number) => {
      // It is gone, whatever closing it says.
      open.delete(descriptor);
      nodeFileSystem.closeSync(descriptor);
      fail();
    },
    fstatSync: (descriptor: number) => {
      fail();
      return nodeFileSystem.fstatSync(descriptor);
    },
    readSync: (...values: [number, Uint8Array, number, number, number]) => {
      fail();
      return nodeFileSystem.readSync(...values);
    },
  };
  const standIn = {
    ...nodeFileSystem,
    ...fileSystem,
  } as unknown as Required<TransferEngineOptions>['sourceFileSystem'];
  return { fileSystem: standIn, open, callCount: () => calls };
}

function sourcePath(): string {
  const path = join(makeFolder(), 'source.bin');
  nodeFileSystem.writeFileSync(path, patternBytes(1_000));
  return path;
}

/** The upload is stopped when its file was read. */
async function uploadOver(path: string, failsAt: number) {
  const { fileSystem, open, callCount } = failingFileSystem(failsAt);
  const engine = new TransferEngine({ sourceFileSystem: fileSystem });
  const upload = engine.upload(
    { sourcePath: path },
    { onProgress: () => undefined, onWanted: () => upload.stop() },
  );
  const { kind } = await upload.outcome;
  await engine.close();
  return { kind, open: [...open], callCount: callCount() };
}

test('an upload of which one call fails has an outcome, and leaves nothing open', async () => {
  const path = sourcePath();
  const { callCount } = await uploadOver(path, 0);
  expect(callCount).toBeGreaterThan(4);
  for (let failsAt = 1; failsAt < callCount; failsAt += 1) {
    expect(await uploadOver(path, failsAt)).toMatchObject({ kind: 'failed', open: [] });
  }
  // That a file which was read cannot be closed changes nothing.
  expect(await uploadOver(path, callCount)).toMatchObject({ kind: 'stopped', open: [] });
});

test('what a file cannot be opened for is told in words', () => {
  const { fileSystem, open } = failingFileSystem(2);
  expect(() => SourceFile.open(sourcePath(), fileSystem)).toThrow(
    expect.objectContaining({ code: 'source-unreadable' }),
  );
  expect([...open]).toEqual([]);
});
