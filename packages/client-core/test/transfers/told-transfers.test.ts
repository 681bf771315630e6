// A room is told how far a transfer is, if its user wants that: what is said, and how often.
import { expect, test } from 'vitest';
import { Scenario } from '../support/scenario.ts';
import { end, get, offer, progress } from '../support/transfer-scenario.ts';

function running(name = 'notes.txt') {
  const scenario = Scenario.registered('ann');
  const number = get(scenario, name);
  offer(scenario, 41);
  progress(scenario, number, 'receiving', 100);
  return { scenario, number };
}

const wordsOf = (scenario: Scenario) => scenario.sent.filter(({ type }) => type === 'tell-progress');
const ABOUT = { type: 'tell-progress', line: 1, room: 'lobby', name: 'notes.txt' };

// CHAT-PROGRESS-1
test('from the command on the room is told, once a second, and of the end at once', () => {
  const { scenario, number } = running();
  expect(wordsOf(scenario)).toEqual([]);
  scenario.command({ type: 'tell-progress', number, room: 'lobby' });
  for (const receivedBytes of [200, 300]) progress(scenario, number, 'receiving', receivedBytes);
  scenario.pass(1_049);
  progress(scenario, number, 'receiving', 400);
  scenario.pass(1);
  progress(scenario, number, 'receiving', 500);
  end(scenario, number, { kind: 'completed', path: '/tmp/notes.txt', size: 1_000, durationMs: 1 });
  progress(scenario, number, 'receiving', 600);
  expect(wordsOf(scenario)).toEqual([
    { ...ABOUT, state: 'moving', size: 1_000, bytes: 100, bytesPerSecond: 50 },
    { ...ABOUT, state: 'moving', size: 1_000, bytes: 500, bytesPerSecond: 50 },
    { ...ABOUT, state: 'completed', size: 1_000, bytes: 1_000, bytesPerSecond: 0 },
  ]);
});

// CHAT-PROGRESS-1
test('of all transfers together it is told four times a second', () => {
  const scenario = Scenario.registered('ann');
  const numbers = ['a', 'b', 'c'].map((name, index) => {
    const number = get(scenario, name);
    offer(scenario, 41 + index);
    scenario.command({ type: 'tell-progress', number, room: 'lobby' });
    return number;
  });
  const all = () => {
    for (const number of numbers) progress(scenario, number, 'receiving', 100);
  };
  const lines = () => wordsOf(scenario).map((words) => (words as { line: number }).line);
  all();
  scenario.pass(249);
  all();
  expect(lines()).toEqual([1]);
  scenario.pass(1);
  all();
  expect(lines()).toEqual([1, 2]);
  scenario.pass(250);
  all();
  expect(lines()).toEqual([1, 2, 3]);
});

// CHAT-PROGRESS-3
test('what the server does not want to hear of is told no more, and the user why', () => {
  const { scenario, number } = running();
  scenario.command({ type: 'tell-progress', number, room: 'lobby' });
  scenario.receive({ type: 'progress-refused', line: number, code: 'muted', message: 'no' });
  expect(scenario.told('progress-refused')).toEqual([
    { type: 'progress-refused', number, code: 'muted', message: 'no' },
  ]);
  scenario.pass(2_000);
  progress(scenario, number, 'receiving', 500);
  end(scenario, number, { kind: 'cancelled' });
  expect(wordsOf(scenario)).toHaveLength(1);
});

test('a transfer that is over, or told of already, and a room where one is not, are mistakes', () => {
  const { scenario, number } = running();
  const tell = (room: string) => scenario.command({ type: 'tell-progress', number, room });
  expect(scenario.errorOf(tell('nowhere'))).toMatchObject({ code: 'not-in-room' });
  tell('lobby');
  expect(scenario.errorOf(tell('lobby'))).toMatchObject({ code: 'wrong-state' });
  end(scenario, number, { kind: 'stopped' });
  expect(wordsOf(scenario).at(-1)).toMatchObject({ state: 'stopped' });
  expect(scenario.errorOf(tell('lobby'))).toMatchObject({ code: 'transfer-not-open' });
  const unknown = scenario.command({ type: 'tell-progress', number: 99, room: 'lobby' });
  expect(scenario.errorOf(unknown)).toMatchObject({ code: 'transfer-unknown' });
});

// CHAT-PROGRESS-2
test('what others have is told to the user as it came', () => {
  const { scenario } = running();
  const figures = { state: 'moving', size: 9, bytes: 1, bytesPerSecond: 2 } as const;
  const progressOf = { room: 'lobby', nickname: 'bob', line: 4, direction: 'upload', name: 'a' } as never;
  scenario.receive({ type: 'progress', ...(progressOf as object), ...figures } as never);
  expect(scenario.told('room-progress')).toEqual([
    { type: 'room-progress', progress: { ...(progressOf as object), ...figures } },
  ]);
});
