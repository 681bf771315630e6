import { expect, test } from 'vitest';
import type { StoreOperation, StoreResult } from '../../src/history/history-store.ts';
import { MemoryLog } from '../../src/history/memory-log.ts';
import { VirtualServer } from '../support/virtual-server.ts';

/** A log that forgets one entry at a time. */
class SlowlyForgettingLog extends MemoryLog {
  forgets = 0;

  override write(operations: readonly StoreOperation[]): StoreResult[] {
    return operations.flatMap((operation) => {
      if (operation.type !== 'forget') return super.write([operation]);
      this.forgets += 1;
      const entriesPerRoomMax = Math.max(operation.retention.entriesPerRoomMax ?? 0, this.entryCount - 1);
      const hasMore = entriesPerRoomMax > (operation.retention.entriesPerRoomMax ?? 0);
      const retention = { ...operation.retention, entriesPerRoomMax };
      return super
        .write([{ ...operation, retention }])
        .map((result) => (result.type === 'forgotten' ? { ...result, hasMore } : result));
    });
  }
}

// CHAT-HISTORY-4
test('what is too much is forgotten part by part, without a pause between the parts', () => {
  const log = new SlowlyForgettingLog();
  const server = new VirtualServer({ log, limits: { historyMessagesMax: 2, forgetEveryMs: 1_000 } });
  const ann = server.user('ann');
  for (const text of ['a', 'b', 'c', 'd', 'e']) ann.say(text);
  server.advance(999);
  expect(log.entryCount).toBe(5);
  server.advance(1);
  expect(log.entryCount).toBe(2);
  expect(log.forgets).toBe(3);
  server.advance(1_000);
  expect(log.forgets).toBe(4);
});

// CHAT-HISTORY-4
test('a disk that is stuck is asked once', () => {
  const server = new VirtualServer({ limits: { forgetEveryMs: 1_000 } });
  server.user('ann');
  server.isStalled = true;
  server.advance(60_000);
  expect(server.server.statistics().pendingWrites).toBe(1);
  server.commit();
  server.advance(1_000);
  expect(server.server.statistics().pendingWrites).toBe(1);
});
