import { expect, test } from 'vitest';
import { nick, Scenario } from '../support/scenario.ts';

const file = (name: string) => ({ name: name as never, size: 1, modifiedAt: 2, sha256: undefined });

// CHAT-LIST-8, CHAT-LIST-9
test('files are asked for by pattern and order, and no more of them than are wanted', () => {
  const scenario = Scenario.greeted();
  const view = { pattern: '*.iso', order: 'size-descending', countMax: 3 } as const;
  const command = scenario.command({ type: 'list-files', ...view });
  const first = scenario.lastSent('list-files');
  expect(first).toMatchObject({ pattern: '*.iso', order: 'size-descending', limit: 3, cursor: undefined });
  const { requestId } = first;
  scenario.receive({ type: 'files', requestId, files: [file('a'), file('b')], nextCursor: 'n' });
  const second = scenario.lastSent('list-files');
  expect(second).toMatchObject({ pattern: '*.iso', order: 'size-descending', limit: 1, cursor: 'n' });
  const files = [file('c'), file('d')];
  scenario.receive({ type: 'files', requestId: second.requestId, files, nextCursor: 'm' });
  expect(scenario.resultOf(command)).toMatchObject([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
});

// CHAT-WATCH-1
test('whoever watches the files is told, and still watches after the connection was lost', () => {
  const scenario = Scenario.registered('ann', 0, { reconnects: true });
  const command = scenario.command({ type: 'watch-files', isWatching: true });
  const { requestId, isWatching } = scenario.lastSent('watch-files');
  expect(isWatching).toBe(1);
  scenario.receive({ type: 'done', requestId });
  expect(scenario.resultOf(command)).toBeUndefined();
  scenario.receive({ type: 'files-changed' });
  expect(scenario.told('files-changed')).toHaveLength(1);
  scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
  scenario.pass(1_000);
  scenario.handle({ type: 'connected' });
  scenario.greet();
  const register = scenario.lastSent('register').requestId;
  scenario.enter();
  scenario.receive({ type: 'registered', requestId: register, nickname: nick('ann'), sessionId: 2 as never });
  const again = scenario.lastSent('watch-files');
  expect(again.requestId).not.toBe(requestId);
  scenario.receive({ type: 'done', requestId: again.requestId });
  // What happened meanwhile nobody has told.
  expect(scenario.told('files-changed')).toHaveLength(2);
});
