import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { configFolder, stateFolder } from '../../src/profile/folders.ts';
import { StateKeeper, stateFile } from '../../src/profile/kept-state.ts';
import { Profiles } from '../../src/profile/profiles.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-profile-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

describe('the folders', () => {
  test('are those of XDG, and a relative path there is ignored', () => {
    expect(configFolder({ XDG_CONFIG_HOME: '/a' })).toBe('/a/parley');
    expect(stateFolder({ XDG_STATE_HOME: '/b' })).toBe('/b/parley');
    expect(configFolder({ XDG_CONFIG_HOME: 'a' })).toMatch(/\.config\/parley$/);
    expect(stateFolder({})).toMatch(/\.local\/state\/parley$/);
  });
});

describe('a profile', () => {
  test('is written for its user alone, and read again', () => {
    const profiles = new Profiles(join(folder, 'profiles'));
    expect(profiles.read('work')).toBeUndefined();
    expect(profiles.write('work', { server: 'host:9', nick: 'ann' })).toBeUndefined();
    expect(profiles.read('work')).toEqual({ server: 'host:9', nick: 'ann' });
    expect(statSync(profiles.fileOf('work')).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'profiles'))).toEqual(['work.json']);
  });

  test.each([
    '',
    '{',
    '[]',
    '{"server":"host:9"}',
    '{"server":"a b","nick":"ann"}',
    '{"server":"h","nick":"a","room":1}',
  ])('that says %j is refused with its place', (text) => {
    const profiles = new Profiles(folder);
    writeFileSync(profiles.fileOf('bad'), text);
    expect(() => profiles.read('bad')).toThrow(/bad\.json is no profile such as .* correct or delete it/);
  });

  test.each(['../x', 'a/b', '', 'x'.repeat(65)])('cannot have the name %j', (name) => {
    expect(() => new Profiles(folder).read(name)).toThrow(/a profile's name has/);
  });

  test('that cannot be written is a problem in words', () => {
    writeFileSync(join(folder, 'file'), '');
    const profiles = new Profiles(join(folder, 'file'));
    expect(profiles.write('x', { server: 'host', nick: 'ann' })).toMatch(/cannot be kept \(\w+\): /);
  });
});

describe('what is typed', () => {
  const state = {
    history: ['one', 'two\nlines'],
    drafts: { lobby: 'half a' },
    unsent: [{ room: 'den', text: 'x', time: 5 }],
  };

  test('is there again after a crash', () => {
    const keeper = new StateKeeper(join(folder, 'state.json'), () => {});
    keeper.save(() => ({ ...state, drafts: {} }));
    keeper.save(() => state);
    keeper.flush();
    const next = new StateKeeper(join(folder, 'state.json'), () => {});
    expect(next.read()).toEqual(state);
    keeper.close();
    next.close();
  });

  test('is written a moment later, and a newer text is not overtaken by the one that was on its way', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const file = join(folder, 'deep', 'state.json');
    const keeper = new StateKeeper(file, () => {});
    keeper.save(() => ({ ...state, history: ['older'] }));
    vi.runAllTimers();
    expect(keeper.read().history).toEqual([]);
    await keeper.settled();
    expect(keeper.read().history).toEqual(['older']);
    keeper.save(() => ({ ...state, history: ['on its way'] }));
    vi.runAllTimers();
    keeper.save(() => ({ ...state, history: ['newest'] }));
    keeper.flush();
    expect(keeper.read().history).toEqual(['newest']);
    await keeper.settled();
    expect(keeper.read().history).toEqual(['newest']);
    keeper.close();
    expect(readdirSync(join(folder, 'deep'))).toEqual(['state.json']);
    vi.useRealTimers();
  });

  test('and is on its way to the disk when the program ends is there', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const keeper = new StateKeeper(join(folder, 'state.json'), () => {});
    keeper.save(() => state);
    vi.runAllTimers();
    keeper.flush();
    expect(keeper.read()).toEqual(state);
    await keeper.settled();
    keeper.close();
    vi.useRealTimers();
  });

  test.each(['', 'null', '7', '{"history":[1,"a"],"drafts":{"x":1,"y":"b"},"unsent":[{},null]}'])(
    'and was damaged to %j is nothing worse than lost',
    (text) => {
      const file = join(folder, 'state.json');
      writeFileSync(file, text);
      const keeper = new StateKeeper(file, () => {});
      const isPartly = text.startsWith('{');
      const expected = { history: isPartly ? ['a'] : [], drafts: isPartly ? { y: 'b' } : {}, unsent: [] };
      expect(keeper.read()).toEqual(expected);
      keeper.close();
    },
  );

  test('and cannot be kept is said once', () => {
    writeFileSync(join(folder, 'file'), '');
    const problems: string[] = [];
    const keeper = new StateKeeper(join(folder, 'file', 'state.json'), (words) => problems.push(words));
    for (const line of ['a', 'b']) {
      keeper.save(() => ({ ...state, history: [line] }));
      keeper.flush();
    }
    keeper.close();
    expect(problems).toEqual([expect.stringMatching(/would not survive a crash \(\w+\)/)]);
  });

  test('has a file of a harmless name', () => {
    const file = stateFile(folder, '[::1]:8255', '../a*b/c');
    expect(file.slice(folder.length + 1)).toBe('..%2Fa%2Ab%2Fc%40%5B%3A%3A1%5D%3A8255.json');
    writeFileSync(file, '');
    expect(readFileSync(file, 'utf8')).toBe('');
  });
});
