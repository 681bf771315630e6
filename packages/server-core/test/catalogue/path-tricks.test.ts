import * as nodeFileSystem from 'node:fs';
import { lstatSync, readFileSync, realpathSync, renameSync, symlinkSync } from 'node:fs';
import { link, mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openInPlace } from '@parley/folders';
import { parseFilePath } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileCatalogue } from '../../src/node/catalogue/file-catalogue.ts';

let folder = '';
let root = '';
let catalogue: FileCatalogue;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'parley-tricks-')));
  root = join(folder, 'share');
  await mkdir(join(root, 'sub', 'deep'), { recursive: true });
  await mkdir(join(root, '.git'));
  await mkdir(join(folder, 'outside'));
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'outside', 'file.txt'), 'secret');
  await writeFile(join(root, '.hidden'), 'secret');
  await writeFile(join(root, '.git', 'config'), 'secret');
  await writeFile(join(root, 'open.txt'), 'open');
  await writeFile(join(root, 'sub', 'file.txt'), 'open');
  await symlink('../outside', join(root, 'way-out'));
  await symlink('sub', join(root, 'way-in'));
  await symlink('../secret.txt', join(root, 'leak.txt'));
  await symlink('../../secret.txt', join(root, 'sub', 'leak.txt'));
  await symlink('/dev/zero', join(root, 'zero'));
  await symlink('/proc/self/environ', join(root, 'environ'));
  await symlink('.hidden', join(root, 'shown'));
  await symlink('.git/config', join(root, 'config'));
  catalogue = new FileCatalogue(root);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const UPWARDS = [
  ...[
    '..',
    '../',
    '../secret.txt',
    './../secret.txt',
    'sub/../../secret.txt',
    'sub/deep/../../../secret.txt',
  ],
  ...[
    '../share/open.txt',
    'sub/../open.txt',
    '....//secret.txt',
    '.../secret.txt',
    '..;/secret.txt',
    '.. /secret.txt',
  ],
  ...[
    '../'.repeat(20),
    `${'../'.repeat(12)}etc/passwd`,
    'sub/..',
    'sub/.',
    '.',
    './open.txt',
    'sub/./file.txt',
  ],
];
const ENCODED = [
  ...[
    '%2e%2e/secret.txt',
    '%2e%2e%2fsecret.txt',
    '..%2fsecret.txt',
    '..%5csecret.txt',
    '%252e%252e%252fsecret.txt',
  ],
  ...[
    '..%c0%afsecret.txt',
    '%c0%ae%c0%ae/secret.txt',
    '..%u2215secret.txt',
    '&#46;&#46;/secret.txt',
    '\\u002e\\u002e/secret.txt',
  ],
  ...['sub%2ffile.txt', 'open%2etxt', 'open.txt%00', '+/open.txt'],
];
const ABSOLUTE = [
  ...[
    '/',
    '/etc/passwd',
    '//etc/passwd',
    '/open.txt',
    '///open.txt',
    '~/secret.txt',
    '~root/secret.txt',
    '$HOME/secret.txt',
  ],
  ...[
    'file:///etc/passwd',
    'file:open.txt',
    '/proc/self/environ',
    '/dev/zero',
    '/dev/fd/0',
    'sub//file.txt',
    'sub/file.txt/',
    'open.txt/',
  ],
];
const WINDOWS = [
  ...[
    'C:\\secret.txt',
    'C:/secret.txt',
    'C:secret.txt',
    'C:',
    '\\\\host\\share\\a',
    '//host/share/a',
    '\\\\?\\C:\\a',
    '//./C:/a',
  ],
  ...[
    '\\\\.\\PhysicalDrive0',
    '..\\secret.txt',
    'sub\\..\\..\\secret.txt',
    'sub\\file.txt',
    '..\\/secret.txt',
    'sub/..\\../secret.txt',
  ],
  ...[
    'open.txt::$DATA',
    'open.txt:stream',
    'sub::$INDEX_ALLOCATION/file.txt',
    'open.txt.',
    'open.txt ',
    'open.txt...',
    'sub./file.txt',
  ],
  ...[
    'sub /file.txt',
    'CON',
    'NUL',
    'nul.txt',
    'AUX',
    'COM1',
    'LPT1.txt',
    'CONIN$',
    'sub/CON',
    'OPEN~1.TXT',
    'OPEN.TXT',
    'SUB/file.txt',
  ],
];
const CHARACTERS = [
  ...[
    'open.txt\0',
    'open.txt\0.png',
    '\0',
    'open\n.txt',
    'open.txt\n',
    '\nopen.txt',
    'sub/\r/file.txt',
    '\u001b]0;x\u0007',
    'open\u2028.txt',
  ],
  ...[
    '\u202eopen.txt',
    'open.txt\u200f',
    '\ufeffopen.txt',
    'open.txt\u200b',
    'o\u200dpen.txt',
    '\ud800',
    'sub/\udfff',
  ],
  // Look-alikes of / and of the dot.
  ...[
    'sub\u2215file.txt',
    'sub\u2044file.txt',
    'sub\uff0ffile.txt',
    'sub\u29f8file.txt',
    'sub\uff3cfile.txt',
    'sub\u2216file.txt',
  ],
  ...[
    '\uff0e\uff0e/secret.txt',
    '\u2025/secret.txt',
    '\u2024\u2024/secret.txt',
    '\u3002\u3002/secret.txt',
    'open\uff0etxt',
    '\uff0ehidden',
  ],
];
const LINKS_AND_HIDDEN = [
  ...[
    '.hidden',
    '.git',
    '.git/config',
    'sub/.hidden',
    'way-out',
    'way-out/file.txt',
    'way-in',
    'way-in/file.txt',
    'leak.txt',
  ],
  ...[
    'sub/leak.txt',
    'zero',
    'environ',
    'shown',
    'config',
    'sub',
    'sub/deep',
    'open.txt/file.txt',
    'way-out/../secret.txt',
  ],
];
const LONG = [
  '',
  'x'.repeat(256),
  'a/'.repeat(16).concat('a'),
  `${'x'.repeat(255)}/`.repeat(5),
  '/'.repeat(1_000),
  ' ',
  'absent',
];
const TRICKS = [UPWARDS, ENCODED, ABSOLUTE, WINDOWS, CHARACTERS, LINKS_AND_HIDDEN, LONG].flat();

// CHAT-FILE-2, CHAT-LIST-4
describe('no path leads out of the shared folder, or to what it does not list', () => {
  test.each(TRICKS.map((path) => [JSON.stringify(path).slice(0, 60), path]))('%s', async (_shown, path) => {
    const parsed = parseFilePath(path);
    expect(parsed.ok ? await catalogue.find(parsed.value) : undefined).toBeUndefined();
  });

  test('while plain paths do, and nothing else is listed', async () => {
    const { files } = await catalogue.list(undefined, 0);
    expect(files.map(({ name }) => name)).toEqual(['open.txt', 'sub/file.txt']);
    for (const { name } of files)
      expect(await catalogue.find(name)).toMatchObject({ path: join(root, name) });
  });
});

// CHAT-LIST-7
describe('what is swapped between looking and opening', () => {
  async function found(name: string): Promise<string> {
    const parsed = parseFilePath(name);
    const file = parsed.ok ? await catalogue.find(parsed.value) : undefined;
    if (file === undefined) throw new Error(`${name} is not there`);
    return file.path;
  }

  /** Systems without /proc. */
  const withoutProc = {
    ...nodeFileSystem,
    readlinkSync: (() => {
      throw new Error('there is no /proc');
    }) as unknown as typeof nodeFileSystem.readlinkSync,
  };

  for (const [system, fileSystem] of [
    ['with /proc', nodeFileSystem],
    ['without /proc', withoutProc],
  ] as const) {
    test(`${system}: a folder that became a link is not followed`, async () => {
      const path = await found('sub/file.txt');
      await rename(join(root, 'sub'), join(root, 'moved'));
      await symlink('../outside', join(root, 'sub'));
      expect(readFileSync(path, 'utf8')).toBe('secret');
      expect(() => openInPlace(path, fileSystem)).toThrow(expect.objectContaining({ code: 'file-changed' }));
    });

    test(`${system}: a file that became a link is not followed`, async () => {
      const path = await found('open.txt');
      await rm(path);
      await symlink('../secret.txt', path);
      expect(() => openInPlace(path, fileSystem)).toThrow(expect.objectContaining({ code: 'ELOOP' }));
    });

    test(`${system}: a folder that is a link only while the file is opened gives nothing away`, async () => {
      const path = await found('sub/file.txt');
      renameSync(join(root, 'sub'), join(root, 'moved'));
      symlinkSync('../outside', join(root, 'sub'));
      const swapBack = {
        ...fileSystem,
        openSync: ((...parameters: Parameters<typeof nodeFileSystem.openSync>) => {
          const descriptor = nodeFileSystem.openSync(...parameters);
          nodeFileSystem.unlinkSync(join(root, 'sub'));
          renameSync(join(root, 'moved'), join(root, 'sub'));
          return descriptor;
        }) as typeof nodeFileSystem.openSync,
      };
      expect(() => openInPlace(path, swapBack)).toThrow(expect.objectContaining({ code: 'file-changed' }));
      expect(lstatSync(join(root, 'sub')).isDirectory() && realpathSync(path)).toBe(path);
    });

    test(`${system}: a file that stays is opened, also one with two names`, async () => {
      await link(join(root, 'open.txt'), join(root, 'other.txt'));
      const descriptor = openInPlace(await found('other.txt'), fileSystem);
      expect(readFileSync(descriptor, 'utf8')).toBe('open');
      nodeFileSystem.closeSync(descriptor);
    });
  }
});
