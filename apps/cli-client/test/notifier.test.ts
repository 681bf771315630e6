import { describe, expect, test } from 'vitest';
import type { Entry } from '../src/view/entry.ts';
import { Notifier, type NotifyRule } from '../src/workspace/notifier.ts';

const BELL = '\u0007';

function said(text: string, changes: { readonly isMention?: boolean; readonly isOwn?: boolean } = {}): Entry {
  return {
    time: 0,
    room: 'den',
    content: { type: 'message', from: 'bob', text, isOwn: false, isMention: false, ...changes },
  };
}

function heard(rule: NotifyRule, entry: Entry, isSeen: boolean, isFocused = true): string {
  const notifier = new Notifier({ rule, desktop: 'none' });
  notifier.handleFocus(isFocused);
  notifier.handleEntry(entry, isSeen, 10_000);
  return notifier.poll();
}

describe('the bell', () => {
  test('rings for what is meant for the user, where they do not look', () => {
    const mention = said('ann!', { isMention: true });
    expect(heard('mentions', mention, false)).toBe(BELL);
    expect(heard('mentions', mention, true)).toBe('');
    expect(heard('mentions', mention, true, false)).toBe(BELL);
    expect(heard('mentions', said('x'), false)).toBe('');
    expect(heard('all', said('x'), false)).toBe(BELL);
    expect(heard('none', mention, false, false)).toBe('');
    expect(heard('all', said('x', { isOwn: true }), false)).toBe('');
    const direct = { type: 'direct', from: 'bob', to: 'ann', text: 'psst', isOwn: false } as const;
    expect(heard('mentions', { time: 0, content: direct }, false)).toBe(BELL);
  });

  test('rings once for a flood', () => {
    const notifier = new Notifier({ rule: 'all', desktop: 'none' });
    let rung = 0;
    for (let now = 0; now < 10_000; now += 1) {
      notifier.handleEntry(said('x'), false, now);
      if (notifier.poll() !== '') rung += 1;
    }
    expect(rung).toBe(5);
  });
});

describe('a notice on the desktop', () => {
  test.each([
    ['osc-9', `${BELL}\u001b]9;bob in den: a,b ␛]8,,x\u001b\\`],
    ['osc-777', `${BELL}\u001b]777;notify;bob in den;a,b ␛]8,,x\u001b\\`],
    ['none', BELL],
  ] as const)('by %s holds nothing but harmless text', (desktop, expected) => {
    const notifier = new Notifier({ rule: 'all', desktop });
    notifier.handleEntry(said('a;b \u001b]8;;x'), false, 10_000);
    expect(notifier.poll()).toBe(expected);
    expect(notifier.poll()).toBe('');
  });

  test('is short', () => {
    const notifier = new Notifier({ rule: 'all', desktop: 'osc-9' });
    notifier.handleEntry(said('x'.repeat(5_000)), false, 10_000);
    expect(notifier.poll().length).toBeLessThan(140);
  });
});
