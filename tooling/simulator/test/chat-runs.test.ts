import { describe, expect, test } from 'vitest';
import { SayBook } from '../src/chat/checkers/say-book.ts';
import { CommittedLog } from '../src/chat/committed-log.ts';
import { drawChatPlan } from '../src/chat/plan/draw-plan.ts';
import type { ChatPlan } from '../src/chat/plan/plan.ts';
import { reportChatFailure } from '../src/chat/report-chat-failure.ts';
import { ChatRun } from '../src/chat/run.ts';
import { Violations } from '../src/checkers/violations.ts';

const FIRST_SEED = 1;
const SEED_COUNT = 30;

test(`chat seeds ${FIRST_SEED} to ${FIRST_SEED + SEED_COUNT - 1} keep every promise`, () => {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEED_COUNT; seed += 1) {
    const { violations } = new ChatRun(drawChatPlan(seed)).execute();
    expect(violations.length === 0 ? '' : reportChatFailure(seed, violations)).toBe('');
  }
});

describe('a seed of the chat', () => {
  test('draws the same plan and gives the same run each time', () => {
    expect(drawChatPlan(7)).toEqual(drawChatPlan(7));
    expect(drawChatPlan(7)).not.toEqual(drawChatPlan(8));
    const run = () => new ChatRun(drawChatPlan(7), { isTraced: true }).execute();
    expect(run().lines).toEqual(run().lines);
  });

  test('draws every kind of fault within a few hundred', () => {
    const plans = Array.from({ length: 300 }, (_, seed) => drawChatPlan(seed));
    const kinds = new Set(plans.flatMap(({ happenings }) => happenings.map(({ kind }) => kind)));
    expect([...kinds].sort()).toEqual([
      'black-out',
      'clock-jump',
      'cut',
      'freeze',
      'hostile',
      'program-death',
      'server-kill',
      'server-restart',
      'sleep',
      'slow-reader',
      'store-failure',
      'store-stall',
      'takeover',
    ]);
    expect(plans.some(({ isForgetful }) => isForgetful)).toBe(true);
    const entrances = new Set(plans.flatMap((plan) => plan.entrances));
    expect([...entrances].sort()).toEqual(['guest', 'key', 'password', 'token']);
    expect(new Set(plans.flatMap(({ devices }) => devices))).toEqual(new Set([1, 2, 3]));
    expect(new Set(plans.map(({ deletesAccounts }) => deletesAccounts))).toEqual(new Set([false, true]));
    expect(new Set(plans.map(({ isModerated }) => isModerated))).toEqual(new Set([false, true]));
  });

  test('says how to see it again when it fails', () => {
    const text = reportChatFailure(7, [{ atMs: 1.5, checker: 'liveness', text: 'never came' }]);
    expect(text).toContain('1.500 ms  liveness: never came');
    expect(text).toContain('replay: npm run sim:chat -- --seed 7 --runs 1 --trace');
  });
});

describe('a broken promise of the chat is found', () => {
  test('when nobody can come back', () => {
    const plan = drawChatPlan(1);
    const dead: ChatPlan = {
      ...plan,
      happenings: [
        { atMs: 3_000, kind: 'black-out', lastsMs: 10_000_000 },
        { atMs: 3_001, kind: 'server-kill', lastsMs: 10 },
      ],
    };
    const { violations } = new ChatRun(dead).execute();
    expect(violations.map(({ checker }) => checker)).toContain('liveness');
  });

  const entry = (text: string, id: number) => ({
    type: 'append' as const,
    entry: {
      roomKey: 'lobby',
      userId: 'u' as never,
      from: 'ann' as never,
      kind: 'text' as const,
      target: 0,
      text: text as never,
      clientMessageId: new Uint8Array(16).fill(id) as never,
      time: 1,
    },
  });

  test('when a log has a gap, or one message twice', () => {
    const violations = new Violations(() => 0);
    const log = new CommittedLog(violations);
    log.record([entry('a', 1)], [{ type: 'appended', sequence: 1, time: 1 }]);
    expect(violations.all).toEqual([]);
    log.record([entry('b', 2)], [{ type: 'appended', sequence: 3, time: 1 }]);
    log.record([entry('a', 3)], [{ type: 'appended', sequence: 3, time: 1 }]);
    expect(violations.all.map(({ checker }) => checker)).toEqual(['gap-free log', 'once in the log']);
  });

  test('when what was accepted is not in the log', () => {
    const violations = new Violations(() => 0);
    const book = new SayBook(violations, new CommittedLog(violations), 'ann');
    const settle = book.note({ type: 'direct', nickname: 'bob', text: 'a' }, {
      find: () => undefined,
    } as never);
    settle({ isOk: true, result: { epoch: 1, sequence: 1, time: 1 } });
    expect(violations.all.map(({ checker }) => checker)).toEqual(['durable']);
  });
});
