import * as fileSystem from 'node:fs';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { TargetFileSystem } from '@parley/folders';
import { describe, expect, test } from 'vitest';
import { PartFile } from '../../src/node/downloads/part-file.ts';
import { isPartFileName, partPathsFor } from '../../src/node/downloads/part-file-name.ts';
import { fileSystemWith, makeFolder, namesIn, patternBytes, sha256, systemError } from './support.ts';

const never = (): boolean => false;

function openPart(target: string, files: TargetFileSystem = fileSystem): PartFile {
  return PartFile.open({ part: partPathsFor(target).part, target, assertOurs: () => undefined }, files);
}

/** SHA-256 of all that is there. */
async function wholeHash(part: PartFile): Promise<Buffer> {
  part.flush();
  return Buffer.from(await part.hash(0, Number.MAX_SAFE_INTEGER, never));
}

describe('a part file', () => {
  test('is hidden beside its target and gets the name when it is published', async () => {
    const target = join(makeFolder(), 'song.ogg');
    const part = openPart(target);
    expect(namesIn(join(target, '..'))).toEqual([basename(part.path)]);
    part.write(0, patternBytes(1000));
    expect(await wholeHash(part)).toEqual(sha256(patternBytes(1000)));
    await part.publish();
    expect(namesIn(join(target, '..'))).toEqual(['song.ogg']);
    expect(readFileSync(target).equals(patternBytes(1000))).toBe(true);
  });

  test('takes pieces in any order', async () => {
    const bytes = patternBytes(700_000);
    const target = join(makeFolder(), 'file');
    const part = openPart(target);
    const pieceBytes = 1400;
    const offsets = Array.from({ length: bytes.length / pieceBytes }, (_, index) => index * pieceBytes);
    // Every seventh piece comes late, as if it had been lost, and the last ones come first.
    const late = offsets.filter((_, index) => index % 7 === 3);
    const early = offsets.slice(-10);
    const rest = offsets.filter((offset) => !late.includes(offset) && !early.includes(offset));
    for (const offset of new Set([...early, ...rest, ...late])) {
      part.write(offset, bytes.subarray(offset, offset + pieceBytes));
    }
    expect(await wholeHash(part)).toEqual(sha256(bytes));
    await part.publish();
    expect(readFileSync(target).equals(bytes)).toBe(true);
  });

  test('gathers pieces that follow each other into few writes', async () => {
    let writes = 0;
    const counting = fileSystemWith({
      writeSync: ((...parameters: Parameters<typeof writeSync>) => {
        writes += 1;
        return writeSync(...parameters);
      }) as typeof writeSync,
    });
    const part = openPart(join(makeFolder(), 'file'), counting);
    for (let offset = 0; offset < 1_400_000; offset += 1400) part.write(offset, patternBytes(1400));
    await wholeHash(part);
    expect(writes).toBeLessThanOrEqual(1_400_000 / 64_000 + 1);
    part.discard();
  });

  test('takes a piece that is larger than what it gathers', async () => {
    const bytes = patternBytes(1_000_000);
    const part = openPart(join(makeFolder(), 'file'));
    part.write(0, bytes);
    expect(await wholeHash(part)).toEqual(sha256(bytes));
    part.discard();
  });

  test('writes the rest when the system takes only a part', async () => {
    const bytes = patternBytes(10_000);
    const short = fileSystemWith({
      writeSync: ((
        descriptor: number,
        buffer: Uint8Array,
        offset: number,
        length: number,
        position: number,
      ) => writeSync(descriptor, buffer, offset, Math.min(length, 999), position)) as typeof writeSync,
    });
    const part = openPart(join(makeFolder(), 'file'), short);
    part.write(0, bytes);
    expect(await wholeHash(part)).toEqual(sha256(bytes));
    part.discard();
  });

  test('leaves nothing behind when it is discarded', () => {
    const folder = makeFolder();
    const part = openPart(join(folder, 'file'));
    part.write(0, patternBytes(10));
    part.discard();
    part.discard();
    expect(namesIn(folder)).toEqual([]);
  });

  test('is found again by whoever opens the same target', async () => {
    const target = join(makeFolder(), 'file');
    const first = openPart(target);
    first.write(0, patternBytes(1000));
    first.flush();
    first.close();
    const second = openPart(target);
    expect(second.size).toBe(1000);
    expect(await wholeHash(second)).toEqual(sha256(patternBytes(1000)));
    second.discard();
  });

  test('is not what somebody else has put under its name, and that is not touched', () => {
    const folder = makeFolder();
    const target = join(folder, 'file');
    const precious = join(folder, 'precious');
    writeFileSync(precious, 'mine');
    const { part: path } = partPathsFor(target);
    for (const trap of [() => symlinkSync(precious, path), () => linkSync(precious, path)]) {
      trap();
      const part = openPart(target);
      expect(part.size).toBe(0);
      part.write(0, patternBytes(10));
      part.flush();
      part.discard();
      expect(readFileSync(precious, 'utf8')).toBe('mine');
    }
    mkdirSync(path);
    expect(() => openPart(target)).toThrow(expect.objectContaining({ code: 'target-unwritable' }));
  });

  test('is not published when its name was given to something else meanwhile', async () => {
    const target = join(makeFolder(), 'file');
    const part = openPart(target);
    part.write(0, patternBytes(10));
    unlinkSync(part.path);
    writeFileSync(part.path, 'other');
    await expect(part.publish()).rejects.toMatchObject({ code: 'disk-error' });
    expect(existsSync(target)).toBe(false);
    part.close();
  });

  test('is not created in a folder that does not exist', () => {
    const target = join(makeFolder(), 'no', 'file');
    expect(() => openPart(target)).toThrow(expect.objectContaining({ code: 'target-unwritable' }));
  });
});

describe('publishing', () => {
  test('never replaces what took the name meanwhile', async () => {
    const target = join(makeFolder(), 'file');
    const part = openPart(target);
    part.write(0, patternBytes(10));
    await wholeHash(part);
    writeFileSync(target, 'mine');
    await expect(part.publish()).rejects.toMatchObject({ code: 'target-exists' });
    part.discard();
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(namesIn(join(target, '..'))).toEqual(['file']);
  });

  const withoutLinks = fileSystemWith({
    linkSync: () => {
      throw systemError('EPERM');
    },
  });

  test('renames where there are no hard links', async () => {
    const target = join(makeFolder(), 'file');
    const part = openPart(target, withoutLinks);
    part.write(0, patternBytes(10));
    await wholeHash(part);
    await part.publish();
    expect(namesIn(join(target, '..'))).toEqual(['file']);
  });

  test('does not replace a file where there are no hard links either', async () => {
    const target = join(makeFolder(), 'file');
    const part = openPart(target, withoutLinks);
    await wholeHash(part);
    writeFileSync(target, 'mine');
    await expect(part.publish()).rejects.toMatchObject({ code: 'target-exists' });
    part.discard();
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('syncs the bytes before the name and the folder after it', async () => {
    const order: string[] = [];
    const watched = fileSystemWith({
      fsync: ((descriptor: number, callback: (error: Error | null) => void) => {
        order.push('bytes');
        fileSystem.fsync(descriptor, callback);
      }) as typeof fileSystem.fsync,
      linkSync: (...paths) => {
        order.push('name');
        fileSystem.linkSync(...paths);
      },
      fsyncSync: (descriptor) => {
        order.push('folder');
        fileSystem.fsyncSync(descriptor);
      },
    });
    const part = openPart(join(makeFolder(), 'file'), watched);
    await wholeHash(part);
    await part.publish();
    expect(order).toEqual(['folder', 'bytes', 'name', 'folder']);
  });

  test('takes the name back when the folder cannot be made durable', async () => {
    const folder = makeFolder();
    const broken = fileSystemWith({
      fsyncSync: () => {
        if (existsSync(join(folder, 'file'))) throw systemError('EIO');
      },
    });
    const part = openPart(join(folder, 'file'), broken);
    await wholeHash(part);
    await expect(part.publish()).rejects.toMatchObject({ code: 'disk-error' });
    part.discard();
    expect(namesIn(folder)).toEqual([]);
  });

  test('does without syncing the folder on systems that cannot', async () => {
    const folder = makeFolder();
    const unable = fileSystemWith({
      fsyncSync: () => {
        throw systemError('EPERM');
      },
    });
    const part = openPart(join(folder, 'file'), unable);
    await wholeHash(part);
    await part.publish();
    expect(existsSync(join(folder, 'file'))).toBe(true);
  });

  test.each([
    ['ENOSPC', 'disk-full'],
    ['EDQUOT', 'disk-full'],
    ['EIO', 'disk-error'],
    ['EROFS', 'target-unwritable'],
  ])('reports %s of a write as %s', async (systemCode, code) => {
    const broken = fileSystemWith({
      writeSync: () => {
        throw systemError(systemCode);
      },
    });
    const part = openPart(join(makeFolder(), 'file'), broken);
    part.write(0, patternBytes(10));
    expect(() => part.flush()).toThrow(expect.objectContaining({ code }));
    part.discard();
  });
});

describe('names of part files', () => {
  test('are recognised with their companions, and others are not', () => {
    for (const target of ['/tmp/a b.txt', '/tmp/line\nbreak', '/tmp/🐦']) {
      for (const path of Object.values(partPathsFor(target))) {
        expect(isPartFileName(basename(path))).toBe(true);
      }
    }
    for (const name of [
      'file.part',
      '.file.part',
      '.file.0123456789ab.partial',
      '.file.0123456789ab.part-time',
      'x.0123456789ab.part',
      '..0123456789ab.part',
    ]) {
      expect(isPartFileName(name)).toBe(false);
    }
  });

  test('are the same each time, and others for another target with the same beginning', () => {
    expect(partPathsFor('/tmp/file')).toEqual(partPathsFor('/tmp/file'));
    const long = 'n'.repeat(250);
    expect(partPathsFor(`/tmp/${long}1`).part).not.toBe(partPathsFor(`/tmp/${long}2`).part);
  });

  test('fit the file system even when the target has the longest name', () => {
    for (const name of ['n'.repeat(255), 'ü'.repeat(127), '🐦'.repeat(63)]) {
      for (const path of Object.values(partPathsFor(`/tmp/${name}`))) {
        expect(Buffer.byteLength(basename(path))).toBeLessThanOrEqual(255);
        expect(isPartFileName(basename(path))).toBe(true);
      }
    }
    const part = openPart(join(makeFolder(), '🐦'.repeat(63)));
    part.discard();
  });
});
