// Downloads on a disk that fails and forgets, in processes that die. A failing seed is in the name of its test.
import { basename } from 'node:path';
import { seededRandom } from '@parley/netsim';
import { expect, test } from 'vitest';
import { partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { TransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import { FakeSource } from './fake-source.ts';
import { MemoryDisk } from './memory-disk.ts';
import { patternBytes } from './support.ts';

const TARGET = '/downloads/file';
const SIZES = [0, 1, 262_143, 262_144, 262_145, 1_500_000];
const LIVES_MAX = 40;

interface World {
  readonly random: () => number;
  readonly disk: MemoryDisk;
  readonly source: FakeSource;
}

function createWorld(seed: number): World {
  const random = seededRandom(seed);
  const disk = new MemoryDisk(random);
  const size = SIZES[Math.floor(random() * SIZES.length)] ?? 0;
  return { random, disk, source: new FakeSource(patternBytes(size), random) };
}

/** One life of a client; true when it says that the file is there. */
async function live({ random, disk, source }: World): Promise<boolean> {
  const fault = random() < 0.5 ? { breaksAfterBytes: random() * source.bytes.byteLength } : {};
  const flip = random() < 0.2 ? { flipsAt: Math.floor(random() * source.bytes.byteLength) } : {};
  source.faults = [{ ...fault, ...flip }];
  const engine = new TransferEngine({ openStream: source.openStream, fileSystem: disk.fileSystem });
  const outcome = await source.fetch(engine, TARGET);
  await engine.close();
  return outcome.kind === 'completed';
}

/** Whatever happened: what has the name has the bytes. */
function assertSound({ disk, source }: World): boolean {
  const found = disk.content('file');
  if (found !== undefined) expect(found.equals(source.bytes)).toBe(true);
  return found !== undefined;
}

/** Gives the lock to a process that is not there; one that names nobody gets old, as after a minute. */
function killOwner(disk: MemoryDisk): void {
  const lock = basename(partPathsFor(TARGET).lock);
  const content = disk.content(lock)?.toString();
  if (content === undefined) return;
  if (/"pid":\d+.*\}$/.test(content)) disk.put(lock, content.replace(/"pid":\d+/, '"pid":1073741824'));
  else disk.age(lock, 61_000);
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

// CHAT-TRANSFER-11, CHAT-RESUME-2
test.each(seeds)('seed %i: deaths and losses of power never give a name to wrong bytes', async (seed) => {
  const world = createWorld(seed);
  const { random, disk } = world;
  for (let life = 0; ; life += 1) {
    expect(life).toBeLessThan(LIVES_MAX);
    // Later lives are longer, so that it comes to an end.
    disk.diesAt = Math.floor(random() * 10 * (life + 1));
    if (life >= LIVES_MAX - 1) disk.diesAt = Number.POSITIVE_INFINITY;
    const isDone = await live(world);
    assertSound(world);
    if (random() < 0.5) disk.losePower();
    else disk.restart();
    killOwner(disk);
    const isThere = assertSound(world);
    // What was told to be done outlasts everything.
    if (isDone) expect(isThere).toBe(true);
    if (isThere) break;
  }
});

// CHAT-RESUME-1
test.each(seeds)('seed %i: a disk that fails now and then loses nothing that was noted', async (seed) => {
  const world = createWorld(seed + 1_000);
  const { random, disk } = world;
  let isDone = false;
  for (let life = 0; !isDone; life += 1) {
    expect(life).toBeLessThan(LIVES_MAX);
    const code = ['ENOSPC', 'EIO', 'EDQUOT'][Math.floor(random() * 3)] ?? 'EIO';
    if (life < LIVES_MAX - 1) disk.fault = { at: 1 + Math.floor(random() * 10 * (life + 1)), code };
    else disk.fault = undefined;
    disk.changes = 0;
    isDone = await live(world);
    assertSound(world);
    killOwner(disk);
  }
  // A name that could not be taken away stays; it is nobody's, and goes when it is old.
  const hasFailed = disk.fault === undefined;
  expect(disk.names.filter((name) => !hasFailed || name === 'file')).toEqual(['file']);
});
