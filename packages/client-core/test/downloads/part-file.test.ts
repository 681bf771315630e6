import * as fileSystem from 'node:fs';
import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PartFile } from '../../src/node/part-file.ts';
import { isPartFileName, partPathFor } from '../../src/node/part-file-name.ts';
import { fileSystemWith, makeFolder, namesIn, patternBytes, sha256, systemError } from './support.ts';

const never = (): boolean => false;

describe('a part file', () => {
  test('is hidden beside its target and gets the name when it is published', async () => {
    const target = join(makeFolder(), 'song.ogg');
    const part = PartFile.create(target);
    expect(namesIn(join(target, '..'))).toEqual([basename(part.path)]);
    part.write(0, patternBytes(1000));
    expect(Buffer.from(await part.hash(never))).toEqual(sha256(patternBytes(1000)));
    await part.publish();
    expect(namesIn(join(target, '..'))).toEqual(['song.ogg']);
    expect(readFileSync(target).equals(patternBytes(1000))).toBe(true);
  });

  test('takes pieces in any order', async () => {
    const bytes = patternBytes(700_000);
    const target = join(makeFolder(), 'file');
    const part = PartFile.create(target);
    const pieceBytes = 1400;
    const offsets = Array.from({ length: bytes.length / pieceBytes }, (_, index) => index * pieceBytes);
    // Every seventh piece comes late, as if it had been lost, and the last ones come first.
    const late = offsets.filter((_, index) => index % 7 === 3);
    const early = offsets.slice(-10);
    const rest = offsets.filter((offset) => !late.includes(offset) && !early.includes(offset));
    for (const offset of new Set([...early, ...rest, ...late])) {
      part.write(offset, bytes.subarray(offset, offset + pieceBytes));
    }
    expect(part.receivedBytes).toBe(bytes.length);
    expect(Buffer.from(await part.hash(never))).toEqual(sha256(bytes));
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
    const part = PartFile.create(join(makeFolder(), 'file'), counting);
    for (let offset = 0; offset < 1_400_000; offset += 1400) part.write(offset, patternBytes(1400));
    await part.hash(never);
    expect(writes).toBeLessThanOrEqual(6);
    part.discard();
  });

  test('takes a piece that is larger than what it gathers', async () => {
    const bytes = patternBytes(1_000_000);
    const part = PartFile.create(join(makeFolder(), 'file'));
    part.write(0, bytes);
    expect(Buffer.from(await part.hash(never))).toEqual(sha256(bytes));
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
    const part = PartFile.create(join(makeFolder(), 'file'), short);
    part.write(0, bytes);
    expect(Buffer.from(await part.hash(never))).toEqual(sha256(bytes));
    part.discard();
  });

  test('leaves nothing behind when it is discarded', () => {
    const folder = makeFolder();
    const part = PartFile.create(join(folder, 'file'));
    part.write(0, patternBytes(10));
    part.discard();
    part.discard();
    expect(namesIn(folder)).toEqual([]);
  });

  test('is not created when the target exists', () => {
    const target = join(makeFolder(), 'file');
    writeFileSync(target, 'mine');
    expect(() => PartFile.create(target)).toThrow(expect.objectContaining({ code: 'target-exists' }));
    expect(namesIn(join(target, '..'))).toEqual(['file']);
  });

  test('is not created in a folder that does not exist', () => {
    const target = join(makeFolder(), 'no', 'file');
    expect(() => PartFile.create(target)).toThrow(expect.objectContaining({ code: 'target-unwritable' }));
  });
});

describe('publishing', () => {
  test('never replaces what took the name meanwhile', async () => {
    const target = join(makeFolder(), 'file');
    const part = PartFile.create(target);
    part.write(0, patternBytes(10));
    await part.hash(never);
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
    const part = PartFile.create(target, withoutLinks);
    part.write(0, patternBytes(10));
    await part.hash(never);
    await part.publish();
    expect(namesIn(join(target, '..'))).toEqual(['file']);
  });

  test('does not replace a file where there are no hard links either', async () => {
    const target = join(makeFolder(), 'file');
    const part = PartFile.create(target, withoutLinks);
    await part.hash(never);
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
    const part = PartFile.create(join(makeFolder(), 'file'), watched);
    await part.hash(never);
    await part.publish();
    expect(order).toEqual(['bytes', 'name', 'folder']);
  });

  test('takes the name back when the folder cannot be made durable', async () => {
    const folder = makeFolder();
    const broken = fileSystemWith({
      fsyncSync: () => {
        throw systemError('EIO');
      },
    });
    const part = PartFile.create(join(folder, 'file'), broken);
    await part.hash(never);
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
    const part = PartFile.create(join(folder, 'file'), unable);
    await part.hash(never);
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
    const part = PartFile.create(join(makeFolder(), 'file'), broken);
    part.write(0, patternBytes(10));
    await expect(part.hash(never)).rejects.toMatchObject({ code });
    part.discard();
  });
});

describe('names of part files', () => {
  test('are recognised, and others are not', () => {
    expect(isPartFileName(basename(partPathFor('/tmp/a b.txt')))).toBe(true);
    expect(isPartFileName(basename(partPathFor('/tmp/line\nbreak')))).toBe(true);
    for (const name of [
      'file.part',
      '.file.part',
      '.file.0123456789ab.partial',
      'x.0123456789ab.part',
      '..0123456789ab.part',
    ]) {
      expect(isPartFileName(name)).toBe(false);
    }
  });

  test('differ each time', () => {
    expect(partPathFor('/tmp/file')).not.toBe(partPathFor('/tmp/file'));
  });

  test('fit the file system even when the target has the longest name', () => {
    for (const name of ['n'.repeat(255), 'ü'.repeat(127), '🐦'.repeat(63)]) {
      const partName = basename(partPathFor(`/tmp/${name}`));
      expect(Buffer.byteLength(partName)).toBeLessThanOrEqual(255);
      expect(isPartFileName(partName)).toBe(true);
    }
    const part = PartFile.create(join(makeFolder(), '🐦'.repeat(63)));
    part.discard();
  });
});
