import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { playKillStorm } from './support/kill-storm.ts';

// CHAT-LOG-3, CHAT-SAY-2, CHAT-SAY-4. `npm run test:kill9` plays longer ones.
test('a server that is killed again and again loses and doubles nothing that it accepted (seed 1)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'parley-kill9-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { messages, problems } = await playKillStorm({
    folder,
    seed: 1,
    kills: 3,
    clients: 2,
    durability: 'full',
  });
  expect(problems).toEqual([]);
  expect(messages).toBeGreaterThan(3);
});
