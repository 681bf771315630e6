import * as nodeFileSystem from 'node:fs';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PartLock } from '../src/part-lock.ts';
import type { TargetFileSystem } from '../src/target-file-system.ts';

// A lock whose owner nobody can tell: its machine lost its power before the words were on the disk.
test.each([
  ['a moment ago', -1, true],
  ['two minutes ago', -120, false],
  ['in two minutes, before a clock was set back', 120, false],
])('a lock that was touched last %s', (_, seconds, isBusy) => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-part-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'lock');
  writeFileSync(path, '');
  const touchedAt = Date.now() / 1000 + seconds;
  utimesSync(path, touchedAt, touchedAt);
  const take = () => PartLock.take(path, nodeFileSystem).release();
  if (isBusy) expect(take).toThrow('another download is going to the same place');
  else expect(take).not.toThrow();
});

/** `node:fs`, where something else happens just before its `at`th call. */
function interrupted(at: number, happen: () => void) {
  let calls = 0;
  const counted = Object.entries(nodeFileSystem).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value];
    const call = (...values: unknown[]) => {
      calls += 1;
      if (calls === at) happen();
      return Reflect.apply(value, nodeFileSystem, values) as unknown;
    };
    return [name, call];
  });
  return { fileSystem: Object.fromEntries(counted) as TargetFileSystem, calls: () => calls };
}

/** The lock of a process that was killed; or of one that sleeps, when it is given. */
function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'parley-part-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'lock');
  const leaveDead = () =>
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30, host: hostname(), token: 'dead' }));
  return { folder, path, leaveDead };
}

function tryTo<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch (error) {
    expect(error).toMatchObject({ code: 'target-busy' });
    return undefined;
  }
}

test('of two that find a dead lock at the same moment one has it at most, whenever the other one comes', () => {
  const seen = new Set<string>();
  for (let at = 1; ; at += 1) {
    const { folder, path, leaveDead } = makeFolder();
    leaveDead();
    let other: PartLock | undefined;
    const { fileSystem, calls } = interrupted(at, () => {
      other = tryTo(() => PartLock.take(path, nodeFileSystem));
    });
    const mine = tryTo(() => PartLock.take(path, fileSystem));
    if (calls() < at) break;
    seen.add(`${mine !== undefined} ${other !== undefined}`);
    expect({ at, both: mine !== undefined && other !== undefined }).toEqual({ at, both: false });
    for (const lock of [mine, other]) {
      if (lock !== undefined) expect({ at, isHeld: lock.isHeld }).toEqual({ at, isHeld: true });
      lock?.release();
    }
    expect(readdirSync(folder)).toEqual([]);
  }
  expect([...seen].sort()).toEqual(['false true', 'true false']);
});

describe('who has slept for longer than a lock lives', () => {
  function sleeper(fileSystem: TargetFileSystem = nodeFileSystem) {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const { folder, path } = makeFolder();
    const lock = PartLock.take(path, fileSystem);
    lock.assertAwake();
    return { folder, path, lock };
  }
  /** The lid of the laptop is closed: no timer runs, and the clock goes on. */
  const sleep = () => vi.setSystemTime(Date.now() + 3_600_000);

  test('may go on when nobody has taken its place, and its lock is young again', () => {
    const { path, lock } = sleeper();
    sleep();
    lock.assertAwake();
    expect(tryTo(() => PartLock.take(path, nodeFileSystem))).toBeUndefined();
    vi.advanceTimersByTime(300_000);
    lock.assertAwake();
    expect(tryTo(() => PartLock.take(path, nodeFileSystem))).toBeUndefined();
    lock.release();
  });

  test.each([0, 25_000])('writes nothing more when somebody has, %i ms after it woke', (afterMs) => {
    const { folder, path, lock } = sleeper();
    sleep();
    const other = PartLock.take(path, nodeFileSystem);
    vi.advanceTimersByTime(afterMs);
    for (let time = 0; time < 2; time += 1) expect(tryTo(() => lock.assertAwake() ?? 'mine')).toBeUndefined();
    lock.release();
    expect(other.isHeld).toBe(true);
    other.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('and who takes its place at the moment when it wakes: one goes on at most', () => {
    for (let at = 1; ; at += 1) {
      const { folder, path, lock } = sleeper();
      sleep();
      let goesOn = false;
      const { fileSystem, calls } = interrupted(at, () => {
        goesOn = tryTo(() => lock.assertAwake() ?? true) ?? false;
      });
      const other = tryTo(() => PartLock.take(path, fileSystem));
      if (calls() < at) break;
      expect({ at, both: goesOn && other !== undefined }).toEqual({ at, both: false });
      other?.release();
      lock.release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  test('the same the other way round: who is looking whether it is still its place when another one comes', () => {
    for (let at = 1; ; at += 1) {
      let other: PartLock | undefined;
      let path = '';
      let isAwake = false;
      let calls = 0;
      const { fileSystem } = interrupted(0, () => undefined);
      const counting = Object.fromEntries(
        Object.entries(fileSystem).map(([name, call]) => [
          name,
          (...values: unknown[]) => {
            if (isAwake) calls += 1;
            if (isAwake && calls === at) other = tryTo(() => PartLock.take(path, nodeFileSystem));
            return Reflect.apply(call as () => unknown, undefined, values);
          },
        ]),
      ) as unknown as TargetFileSystem;
      const made = sleeper(counting);
      path = made.path;
      sleep();
      isAwake = true;
      const goesOn = tryTo(() => made.lock.assertAwake() ?? true) ?? false;
      isAwake = false;
      if (calls < at) break;
      expect({ at, both: goesOn && other !== undefined }).toEqual({ at, both: false });
      other?.release();
      made.lock.release();
    }
  });
});
