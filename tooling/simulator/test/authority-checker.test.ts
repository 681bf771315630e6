import { expect, test } from 'vitest';
import { AuthorityChecker } from '../src/chat/checkers/authority-checker.ts';
import { Violations } from '../src/checkers/violations.ts';

const CONNECTION_ID = 1 as never;
const clientMessageId = new Uint8Array(16) as never;
let now = 0;

/** A checker that knows of a user who is muted up to a time. */
function checkerOf(violations: Violations, until: number): AuthorityChecker {
  const checker = new AuthorityChecker(violations, () => now);
  const mute = { roomKey: undefined, userId: 'u', nickname: 'ann', until };
  checker.noteInForce([{ type: 'put-mute', mute } as never]);
  checker.noteSent(CONNECTION_ID, { type: 'registered', nickname: 'ann' } as never);
  return checker;
}

const say = (checker: AuthorityChecker) =>
  checker.noteEvent({
    type: 'message-received',
    connectionId: CONNECTION_ID,
    message: { type: 'say', clientMessageId },
  } as never);
const write = (checker: AuthorityChecker) =>
  checker.noteWrite([
    { type: 'append', entry: { kind: 'text', from: 'ann', text: 'x', clientMessageId } },
  ] as never);

test('what somebody says who is muted is not written', () => {
  const violations = new Violations(() => now);
  now = 5;
  const checker = checkerOf(violations, 10);
  say(checker);
  write(checker);
  expect(violations.all).toHaveLength(1);
});

test('what was refused and is sent again after the mute may be written', () => {
  const violations = new Violations(() => now);
  now = 5;
  const checker = checkerOf(violations, 10);
  say(checker);
  now = 11;
  say(checker);
  write(checker);
  expect(violations.all).toEqual([]);
});
