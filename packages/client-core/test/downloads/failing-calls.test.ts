// One call of the file system fails, each one in turn: nothing stays open, nothing is lost.

import { basename } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { seededRandom } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import { FakeSource } from './fake-source.ts';
import { MemoryDisk } from './memory-disk.ts';
import { patternBytes, systemError } from './support.ts';

const TARGET = '/downloads/file';
const lockName = basename(partPathsFor(TARGET).lock);

type AnyFunction = (...values: never[]) => unknown;

/** A file system that counts its calls and what is open, and fails at one call. */
class CountedFileSystem {
  calls = 0;
  readonly open = new Set<number>();
  readonly functions: TargetFileSystem;
  readonly #failsAt: number;

  constructor(real: TargetFileSystem, failsAt = 0) {
    this.#failsAt = failsAt;
    const entries = Object.entries(real).map(([name, call]) => [
      name,
      this.#counted(name, call as AnyFunction),
    ]);
    this.functions = Object.fromEntries(entries) as TargetFileSystem;
  }

  #counted(name: string, call: AnyFunction): AnyFunction {
    return (...values) => {
      this.calls += 1;
      // A descriptor is gone, whatever closing it says.
      if (name === 'closeSync') this.open.delete(Number(values[0]));
      if (this.calls === this.#failsAt) {
        const error = systemError('EIO');
        const callback: unknown = values.at(-1);
        if (typeof callback !== 'function') throw error;
        setImmediate(callback as (error: Error) => void, error);
        return undefined;
      }
      const result = call(...values);
      if (name === 'openSync') this.open.add(result as number);
      return result;
    };
  }
}

/** A disk on which a download was stopped after half of the file. */
async function createWorld(size: number, hasDeadOwner = false) {
  const disk = new MemoryDisk(seededRandom(1));
  const source = new FakeSource(patternBytes(size), seededRandom(2));
  source.faults = [{ breaksAfterBytes: size / 2 }];
  const engine = new TransferEngine({ openStream: source.openStream, fileSystem: disk.fileSystem });
  let offers = 0;
  await source.fetch(engine, TARGET, () => {
    offers += 1;
    return offers === 2 ? 'stop' : undefined;
  });
  // Who was killed without a word leaves a lock that names nobody.
  if (hasDeadOwner) {
    disk.put(lockName, '');
    disk.age(lockName, 61_000);
  }
  return { disk, source };
}

async function fetchOn(source: FakeSource, fileSystem: TargetFileSystem) {
  const engine = new TransferEngine({ openStream: source.openStream, fileSystem });
  const outcome = await source.fetch(engine, TARGET);
  await engine.close();
  return outcome;
}

async function callsOf(size: number, hasDeadOwner = false): Promise<number> {
  const { disk, source } = await createWorld(size, hasDeadOwner);
  const counted = new CountedFileSystem(disk.fileSystem);
  expect((await fetchOn(source, counted.functions)).kind).toBe('completed');
  return counted.calls;
}

test('after a dead one a download of which one call fails leaves nothing open', async () => {
  const calls = await callsOf(1_000, true);
  for (let failsAt = 1; failsAt <= calls; failsAt += 1) {
    const { disk, source } = await createWorld(1_000, true);
    const counted = new CountedFileSystem(disk.fileSystem, failsAt);
    await fetchOn(source, counted.functions);
    expect({ failsAt, open: [...counted.open] }).toEqual({ failsAt, open: [] });
  }
});

describe.each([1_000, 600_000])('of %i bytes a download of which one call fails', (size) => {
  test('ends, leaves nothing open and no wrong bytes under the name', async () => {
    const calls = await callsOf(size);
    expect(calls).toBeGreaterThan(20);
    for (let failsAt = 1; failsAt <= calls; failsAt += 1) {
      const { disk, source } = await createWorld(size);
      const counted = new CountedFileSystem(disk.fileSystem, failsAt);
      const outcome = await fetchOn(source, counted.functions);
      expect({ failsAt, kind: outcome.kind, open: [...counted.open] }).toEqual({
        failsAt,
        kind: expect.stringMatching(/completed|failed/),
        open: [],
      });
      const found = disk.content('file');
      expect(found === undefined || found.equals(source.bytes)).toBe(true);
      expect(found !== undefined).toBe(outcome.kind === 'completed');
    }
  });

  // CHAT-RESUME-1, CHAT-RESUME-2
  test('leaves what was there to the next one', async () => {
    const calls = await callsOf(size);
    for (let failsAt = 1; failsAt <= calls; failsAt += 1) {
      const { disk, source } = await createWorld(size);
      const outcome = await fetchOn(source, new CountedFileSystem(disk.fileSystem, failsAt).functions);
      if (outcome.kind === 'completed') continue;
      // A lock that could not be taken away gets old.
      disk.age(lockName, 61_000);
      const sentBytes = source.sentBytes;
      const again = await fetchOn(source, disk.fileSystem);
      expect({ failsAt, kind: again.kind }).toEqual({ failsAt, kind: 'completed' });
      // The first of the three chunks was there before.
      expect({ failsAt, isSaved: source.sentBytes - sentBytes < size || size === 1_000 }).toEqual({
        failsAt,
        isSaved: true,
      });
    }
  });
});
