import { expect, test } from 'vitest';
import { ClientError } from '../../src/index.ts';
import type { RunCommand } from '../../src/node/account-commands.ts';
import { SentFiles } from '../../src/node/uploads/sent-files.ts';

const ITEM = { name: `@${'0a'.repeat(16)}/a b/`, from: 'ann' };

/** Everything that is asked of the server; `answer` is what comes of it. */
function sentFiles(answer: (type: string) => Promise<undefined>) {
  const asked: unknown[] = [];
  const run = (command: { readonly type: string }) => {
    asked.push(command);
    return answer(command.type);
  };
  return { asked, sent: new SentFiles(run as RunCommand) };
}

// CHAT-SEND-3, CHAT-SEND-5
test('what is accepted is removed, and its sender reads so', async () => {
  const { asked, sent } = sentFiles(async () => undefined);
  await sent.close(ITEM, 'accepted');
  expect(asked).toEqual([
    { type: 'discard-file', name: ITEM.name },
    { type: 'direct', nickname: 'ann', text: `file:"${ITEM.name}" accepted` },
  ]);
});

test('a sender who is gone for good is not told, and what is gone already is no news', async () => {
  const gone = sentFiles(async (type) => {
    if (type === 'direct') throw new ClientError('user-not-found', 'nobody has that name');
    return undefined;
  });
  await gone.sent.close(ITEM, 'declined');
  const removed = sentFiles(async () => {
    throw new ClientError('file-not-found', 'there is no such file');
  });
  await expect(removed.sent.close(ITEM, 'declined')).rejects.toThrow('there is no such file');
  expect(removed.asked).toHaveLength(1);
});
