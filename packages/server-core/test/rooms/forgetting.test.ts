import { describe, expect, test } from 'vitest';
import type { StoreOperation, StoreResult } from '../../src/history/history-store.ts';
import { MemoryLog } from '../../src/history/memory-log.ts';
import { messageId, VirtualServer } from '../support/virtual-server.ts';

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

describe('messages that are kept for two days', () => {
  const [HOUR, DAY] = [3_600_000, 86_400_000];
  const open = () => {
    const server = new VirtualServer({ limits: { historyAgeMsMax: 2 * DAY, forgetEveryMs: HOUR } });
    server.user('ann').say('a');
    const pass = (hours: number) => {
      for (let hour = 0; hour < hours; hour += 1) server.advance(HOUR);
    };
    return { server, pass };
  };

  // CHAT-HISTORY-4
  test('are forgotten then', () => {
    const { server, pass } = open();
    pass(48);
    expect(server.log.entryCount).toBe(1);
    pass(1);
    expect(server.log.entryCount).toBe(0);
  });

  // CHAT-UPLOAD-9
  test('are not forgotten because a clock was set forward, and are in their time when it is set right', () => {
    const { server, pass } = open();
    pass(24);
    server.wallLeadMs = 30 * DAY;
    pass(12);
    server.wallLeadMs = 0;
    pass(12);
    expect(server.log.entryCount).toBe(1);
    pass(1);
    expect(server.log.entryCount).toBe(0);
  });

  // CHAT-UPLOAD-9
  test('are forgotten in their time when the clock stays where it was set', () => {
    const { server, pass } = open();
    pass(24);
    server.wallLeadMs = 30 * DAY;
    pass(24);
    expect(server.log.entryCount).toBe(1);
    pass(1);
    expect(server.log.entryCount).toBe(0);
  });

  // CHAT-UPLOAD-9
  test('are not forgotten in the first 12 hours after a start, by a clock that may be wrong', () => {
    const { server } = open();
    const again = new VirtualServer({
      log: server.log,
      limits: { historyAgeMsMax: 2 * DAY, forgetEveryMs: HOUR },
    });
    again.wallLeadMs = 30 * DAY;
    again.user('bob');
    again.advance(11 * HOUR);
    expect(server.log.entryCount).toBe(1);
    again.advance(2 * HOUR);
    expect(server.log.entryCount).toBe(0);
  });
});

// CHAT-UPLOAD-9, CHAT-SAY-4
test('a repetition is recognised although a clock was set forward meanwhile', () => {
  const server = new VirtualServer();
  server.advance(50_000_000);
  const id = messageId('x');
  const ann = server.user('ann');
  ann.say('x', id);
  ann.vanish();
  server.wallLeadMs = 200_000_000;
  server.advance(120_000);
  const again = server.user('ann');
  again.say('x', id);
  expect(again.takeOnly('accepted')).toMatchObject([{ sequence: 1 }]);
});
