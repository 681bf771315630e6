import { describe, expect, test } from 'vitest';
import type { AreaView } from '../src/view/area.ts';
import type { Entry } from '../src/view/entry.ts';
import type { PlaceView } from '../src/view/place.ts';
import { Workspace } from '../src/workspace/workspace.ts';
import { NASTY_STRINGS } from './support/nasty-strings.ts';
import { transfer } from './support/transfers.ts';
import { VirtualScreen } from './support/virtual-screen.ts';

const NOON = new Date(2026, 10, 22, 12, 0).getTime();
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

function said(
  text: string,
  changes: Partial<Entry> & { readonly from?: string; readonly isMention?: boolean } = {},
): Entry {
  const { from = 'bob', isMention = false, ...rest } = changes;
  return {
    time: NOON,
    room: 'lobby',
    content: { type: 'message', from, text, isOwn: false, isMention },
    ...rest,
  };
}

function place(changes: Partial<PlaceView> = {}): PlaceView {
  const room = (name: string, topic = '') => ({ room: name, peer: undefined, topic, members: 2 });
  return {
    nickname: 'ann',
    address: 'host:8255',
    connection: { state: 'connected', roundTripMs: 12, waitingMs: undefined },
    room: 'lobby',
    rooms: [room('lobby', 'all and nothing'), room('den')],
    users: ['ann', 'bob'],
    roles: new Map(),
    unsent: [],
    ...changes,
  };
}

/** A full screen in front of somebody. */
function sitDown(size: { columns: number; rows: number } = { columns: 80, rows: 12 }, now = NOON) {
  const screen = new VirtualScreen(size);
  const workspace = new Workspace();
  const renderer = screen.fullScreenRenderer(workspace, { now: () => now });
  let seen = place();
  const goTo = (changes: Partial<PlaceView>) => {
    seen = place(changes);
    workspace.handlePlace(seen, '');
  };
  const update = (text = '', changes: Partial<AreaView> = {}) =>
    renderer.update({
      transfers: [],
      hint: [],
      status: () => [],
      place: () => seen,
      prompt: '> ',
      text,
      cursor: text.length,
      ...changes,
    });
  const press = async (name: string, alt = false) => {
    workspace.handleKey({ type: 'key', name, ctrl: false, alt }, false);
    renderer.redraw();
    await screen.settle();
  };
  goTo({});
  update();
  return { screen, workspace, renderer, goTo, update, press };
}

/** The columns of the messages at a width of eighty. */
const messagesOf = (lines: readonly string[]) => lines.slice(1, -2).map((line) => line.slice(14).trimEnd());

describe('the full screen', () => {
  test('shows rooms, messages, status and what is typed', async () => {
    const { screen, renderer, update } = sitDown();
    renderer.append(said('hello'));
    renderer.append(said('ann: look', { isMention: true, room: 'den' }));
    update('typing');
    await screen.settle();
    expect(screen.lines.map((line) => line.trimEnd())).toEqual([
      ' lobby - all and nothing',
      '1 lobby      |',
      '2 den    1 @1|',
      ...Array(5).fill('             |'),
      `             |${'-'.repeat(24)} Sun 22 Nov 2026 ${'-'.repeat(25)}`,
      '             |12:00         bob | hello',
      ' ann - host:8255 - * 12 ms - 2 here - 1 unread, 1 for you',
      '> typing',
    ]);
    expect(screen.inputLine).toBe('> typing|');
  });

  test('has a list of users where there is room, and folds panels where there is none', async () => {
    const { screen, renderer, press } = sitDown({ columns: 120, rows: 8 });
    await screen.settle();
    expect(screen.lines[2]).toMatch(/\|ann$/);
    await press('u', true);
    expect(screen.lines.join('\n')).not.toMatch(/\|ann$/m);
    await press('u', true);
    screen.resize(60, 8);
    renderer.resize();
    await screen.settle();
    expect(screen.lines[1]).not.toContain('1 lobby');
    await press('r', true);
    expect(screen.lines[1]).toContain('1 lobby');
  });

  test('follows the size at once', async () => {
    const { screen, renderer } = sitDown();
    renderer.append(said('a message that is long enough to be wrapped on a narrow screen'));
    for (const [columns, rows] of [
      [200, 60],
      [80, 24],
      [40, 10],
      [20, 5],
      [7, 2],
      [100, 30],
    ] as const) {
      screen.resize(columns, rows);
      renderer.resize();
      await screen.settle();
      expect(screen.lines.at(-1), `${columns} columns`).toBe('>');
      if (columns >= 40) expect(screen.lines.join('\n')).toContain('a message');
    }
  });

  test('draws a thousand messages in one picture', async () => {
    const { screen, renderer } = sitDown();
    await screen.settle();
    const before = screen.written.length;
    for (let index = 0; index < 1_000; index += 1) renderer.append(said(`message ${index}`));
    await screen.settle();
    expect(screen.written).toHaveLength(before + 1);
    expect(messagesOf(screen.lines).at(-1)).toBe('12:00         bob | message 999');
  });

  test('writes nothing when nothing changed', async () => {
    const { screen, renderer } = sitDown();
    await screen.settle();
    const before = screen.written.length;
    renderer.redraw();
    await screen.settle();
    expect(screen.written).toHaveLength(before);
  });

  test('shows a line for every day', async () => {
    const { screen, renderer } = sitDown();
    renderer.append(said('one'));
    renderer.append(said('two', { time: NOON + DAY }));
    await screen.settle();
    const shown = messagesOf(screen.lines).join('\n');
    expect(shown).toMatch(/ Sun 22 Nov 2026 [\s\S]*one[\s\S]* Mon 23 Nov 2026 [\s\S]*two/);
  });

  test('has downloads above the status, and counts those that do not fit', async () => {
    const { screen, update } = sitDown({ columns: 80, rows: 16 });
    const transfers = Array.from({ length: 200 }, (_, index) => transfer({ number: index + 1 }));
    update('', { transfers });
    await screen.settle();
    expect(screen.lines.filter((line) => /^v\d+ notes\.txt/.test(line))).toHaveLength(2);
    expect(screen.lines).toContain('+ 198 more transfers (198 running): /transfers');
  });

  test('says when it will try again, and counts down', async () => {
    const { screen, goTo } = sitDown();
    goTo({ connection: { state: 'reconnecting', retryAt: NOON + 4_000, why: 'gone' } });
    await screen.settle();
    expect(screen.lines.at(-2)).toContain('o cut off, again in 0:04');
  });

  test('leaves the less important parts out, whole, where they do not fit', async () => {
    const unsent = [{ room: 'lobby', time: NOON, text: 'x', problem: 'too fast' }];
    const statusAt = async (columns: number) => {
      const { screen, renderer, goTo, update } = sitDown({ columns, rows: 12 });
      goTo({ unsent });
      renderer.append(said('elsewhere', { room: 'den', isMention: true }));
      update();
      await screen.settle();
      return screen.lines.at(-2)?.trimEnd();
    };
    expect(await statusAt(90)).toBe(
      ' ann - host:8255 - * 12 ms - 1 not sent: /retry - 2 here - 1 unread, 1 for you',
    );
    expect(await statusAt(70)).toBe(' ann - * 12 ms - 1 not sent: /retry - 2 here - 1 unread, 1 for you');
    expect(await statusAt(60)).toBe(' ann - * 12 ms - 1 not sent: /retry - 1 unread, 1 for you');
    expect(await statusAt(40)).toBe(' * 12 ms - 1 not sent: /retry');
    expect(await statusAt(20)).toBe(' * 12 ms');
  });

  test('shows what waits and what was refused below the messages', async () => {
    const { screen, renderer, goTo } = sitDown();
    renderer.append(said('hello'));
    const line = { room: 'lobby', time: NOON };
    goTo({
      unsent: [
        { ...line, text: 'refused', problem: 'too fast' },
        { ...line, text: 'waits', problem: undefined },
        { ...line, room: 'den', text: 'elsewhere', problem: undefined },
      ],
    });
    await screen.settle();
    expect(messagesOf(screen.lines).slice(-3)).toEqual([
      '!             ann | refused',
      '                  | not sent: too fast; /retry says it again',
      '..            ann | waits',
    ]);
  });
});

describe('text from others on the full screen', () => {
  test('stays right of the line that divides names from texts', async () => {
    const { screen, renderer } = sitDown({ columns: 80, rows: 20 });
    for (const text of NASTY_STRINGS) {
      renderer.append(said(text, { from: text.slice(0, 20) }));
      await screen.settle();
      expect(screen.lines.at(-1)).toBe('>');
      for (const line of messagesOf(screen.lines)) expect(line).toMatch(/^(?:$|-|12:00| {6})/);
    }
  });

  test('leads somewhere only by links of plain ASCII', async () => {
    const { screen, renderer } = sitDown();
    renderer.append(said('(see https://a.example/x_(y)). https://b.example/\u202e\u001b]8;;evil'));
    await screen.settle();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for links (OSC 8)
    const links = screen.written.join('').matchAll(/\u001b\]8;;([^\u001b]+)\u001b\\/g);
    expect(new Set([...links].map(([, link]) => link))).toEqual(
      new Set(['https://a.example/x_(y)', 'https://b.example/']),
    );
  });
});

describe('moving', () => {
  test('to another room shows its messages, and forgets what was unread', async () => {
    const { screen, workspace, renderer, goTo } = sitDown();
    renderer.append(said('in the den', { room: 'den', sequence: 7 }));
    workspace.handleKey({ type: 'key', name: '2', ctrl: false, alt: true }, false);
    expect(workspace.pollWish()).toMatchObject({ type: 'read-older', room: 'lobby' });
    expect(workspace.pollWish()).toEqual({ type: 'show-room', room: 'den' });
    goTo({ room: 'den' });
    await screen.settle();
    expect(screen.lines[0]?.trimEnd()).toBe(' den');
    expect(messagesOf(screen.lines).slice(-2)).toEqual([
      expect.stringContaining(' new '),
      '12:00         bob | in the den',
    ]);
    expect(workspace.activityOf('den')).toEqual({ unread: 0, mentions: 0 });
    expect(workspace.pollReadMark()).toEqual({ room: 'den', sequence: 7 });
  });

  test('goes to what is unread, and to what is meant for the user', () => {
    const { workspace } = sitDown();
    const wishes = () => {
      const all = [];
      for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish()) all.push(wish);
      return all.filter(({ type }) => type === 'show-room');
    };
    const key = (name: string) => workspace.handleKey({ type: 'key', name, ctrl: false, alt: true }, false);
    key('a');
    expect(wishes()).toEqual([]);
    workspace.handleEntry(said('x', { room: 'den' }));
    key('m');
    expect(wishes()).toEqual([]);
    key('a');
    expect(wishes()).toEqual([{ type: 'show-room', room: 'den' }]);
    workspace.handleEntry(said('ann!', { room: 'den', isMention: true }));
    key('m');
    expect(wishes()).toEqual([{ type: 'show-room', room: 'den' }]);
  });

  test('goes to where the unread ones begin, when that is above the screen', async () => {
    const { screen, workspace, renderer, goTo, press } = sitDown();
    const many = Array.from({ length: 40 }, (_, index) => said(`number ${index + 1}`, { room: 'den' }));
    for (const entry of many) renderer.append(entry);
    goTo({ room: 'den' });
    await press('home');
    expect(messagesOf(screen.lines).at(-1)).toContain('number 40');
    await press('a', true);
    expect(messagesOf(screen.lines).slice(0, 3)).toEqual([
      expect.stringContaining(' Sun 22 Nov 2026 '),
      expect.stringContaining(' new '),
      '12:00         bob | number 1',
    ]);
    for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish())
      expect(wish.type).toBe('read-older');
    workspace.handleEntry(said('x', { room: 'lobby' }));
    await press('a', true);
    expect(workspace.pollWish()).toEqual({ type: 'show-room', room: 'lobby' });
  });

  test('keeps what is typed in each room', () => {
    const { workspace } = sitDown();
    expect(workspace.handlePlace(place({ room: 'den' }), 'half a sent')).toBe('');
    expect(workspace.handlePlace(place({ room: 'lobby' }), 'other')).toBe('half a sent');
    expect(workspace.handlePlace(place({ room: 'den' }), '')).toBe('other');
  });

  test('into copy mode leaves the messages alone on the screen', async () => {
    const { screen, renderer, press } = sitDown();
    renderer.append(said('one\ntwo'));
    await press('c', true);
    expect(screen.lines.slice(-4, -2)).toEqual(['12:00           bob   one', '                      two']);
    await press('escape');
    expect(screen.lines[1]).toContain('1 lobby');
  });
});

describe('looking back', () => {
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) =>
      said(`message ${from + index}`, { sequence: from + index }),
    );
  const shown = (screen: VirtualScreen) =>
    [
      ...messagesOf(screen.lines)
        .join('\n')
        .matchAll(/message (\d+)/g),
    ].map(([, number]) => Number(number));
  const readOlder = (workspace: Workspace) => {
    for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish()) {
      if (wish.type === 'read-older') return wish.before;
    }
    return undefined;
  };

  test('asks the server for what is older, as far as it has it', async () => {
    const { screen, workspace, renderer, press } = sitDown();
    workspace.handleOlder('lobby', numbered(41, 100));
    renderer.redraw();
    await screen.settle();
    expect(shown(screen).at(-1)).toBe(100);
    let oldest = 41;
    const seen = new Set<number>();
    for (let turn = 0; turn < 40; turn += 1) {
      await press('page-up');
      for (const number of shown(screen)) seen.add(number);
      const before = readOlder(workspace);
      if (before === undefined) continue;
      expect(before).toBe(oldest);
      oldest = Math.max(1, oldest - 20);
      workspace.handleOlder('lobby', oldest === before ? [] : numbered(oldest, before - 1));
    }
    expect(shown(screen)[0]).toBe(1);
    expect(workspace.page.log.isAtStart).toBe(true);
    for (let number = 1; number < 94; number += 1) expect(seen.has(number), `message ${number}`).toBe(true);
  });

  test('stays where it is while messages come in, and says how many', async () => {
    const { screen, workspace, renderer, press } = sitDown();
    for (const entry of numbered(1, 50)) renderer.append(entry);
    await press('page-up');
    const before = shown(screen);
    for (const entry of numbered(51, 55)) renderer.append(entry);
    await screen.settle();
    expect(shown(screen)).toEqual(before);
    expect(workspace.page.unread).toBe(5);
    expect(screen.lines.at(-2)).toContain('looking back, 5 new: Ctrl-End');
    await press('page-down');
    await press('page-down');
    expect(shown(screen).at(-1)).toBe(55);
    expect(workspace.page.unread).toBe(0);
  });

  test('stays where it is under a flood that pushes it out of what is kept', async () => {
    const { screen, renderer, press } = sitDown();
    for (const entry of numbered(1, 50)) renderer.append(entry);
    await press('page-up');
    const before = shown(screen);
    for (const entry of numbered(51, 8_000)) renderer.append(entry);
    await screen.settle();
    expect(shown(screen)).toEqual(before);
  });

  test('shows a part of the log that was searched for, and comes back page by page', async () => {
    const { screen, workspace, renderer, press } = sitDown();
    for (const entry of numbered(500, 540)) renderer.append(entry);
    workspace.handleUnread('lobby');
    workspace.showPast('lobby', numbered(71, 130), 100);
    renderer.redraw();
    await screen.settle();
    expect(shown(screen)).toContain(100);
    for (let turn = 0; turn < 200 && workspace.page.log.isDetached; turn += 1) {
      await press('page-down');
      for (let wish = workspace.pollWish(); wish; wish = workspace.pollWish()) {
        if (wish.type !== 'read-newer') continue;
        workspace.handleNewer('lobby', numbered(wish.after + 1, Math.min(540, wish.after + 50)));
      }
    }
    expect(workspace.page.log.isDetached).toBe(false);
    for (let turn = 0; turn < 20; turn += 1) await press('page-down');
    expect(shown(screen).at(-1)).toBe(540);
    const numbers = workspace.page.log.entries.map(({ sequence = 0 }) => sequence);
    expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
