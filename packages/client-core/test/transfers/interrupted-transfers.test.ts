import { describe, expect, test } from 'vitest';
import { LOBBY, nick, Scenario } from '../support/scenario.ts';
import {
  effects,
  end,
  get,
  offer,
  progress,
  ROOT,
  SHA256,
  stateOf,
  want,
} from '../support/transfer-scenario.ts';

// CHAT-RESUME-1
describe('a transfer that breaks', () => {
  const trouble = { code: 'connection-lost', message: 'the server fell silent in mid-transfer' } as const;
  const ranges = [{ start: 400, end: 1_000 }];

  /** A download that has 400 bytes, and whose connection broke. */
  function broken(options: { reconnects?: boolean | number } = {}) {
    const scenario = Scenario.registered('ann', 0, options);
    const number = get(scenario);
    offer(scenario, 41);
    progress(scenario, number, 'receiving', 400);
    want(scenario, number, { chunkRoot: ROOT, ranges, receivedBytes: 400, arrivedBytes: 400, trouble });
    return { scenario, number };
  }

  const requests = (scenario: Scenario) => scenario.sent.filter(({ type }) => type === 'request-transfer');

  // CHAT-CHUNK-5
  test('is asked for again after a pause, for what is missing', () => {
    const { scenario, number } = broken();
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'interrupted',
      receivedBytes: 400,
      bytesPerSecond: 0,
      failure: trouble,
    });
    expect(requests(scenario)).toHaveLength(1);
    scenario.pass(249);
    expect(requests(scenario)).toHaveLength(1);
    scenario.pass(1);
    expect(scenario.lastSent('request-transfer')).toMatchObject({
      name: 'notes.txt',
      chunkRoot: ROOT,
      ranges,
    });
    expect(stateOf(scenario, number)).toBe('requested');
    offer(scenario, 42);
    expect(scenario.others.at(-1)).toMatchObject({ type: 'give-offer', offer: { transferId: 42 } });
    expect(scenario.client.transfers.get(number)).toMatchObject({ state: 'connecting', failure: undefined });
  });

  test('waits longer each time that nothing came, and is given up after eight times', () => {
    const { scenario, number } = broken();
    const waits: number[] = [];
    for (let count = 0; count < 20 && stateOf(scenario, number) === 'interrupted'; count += 1) {
      const asked = requests(scenario).length;
      let waited = 0;
      for (; requests(scenario).length === asked; waited += 50) scenario.pass(50);
      waits.push(waited);
      offer(scenario, 50 + count);
      want(scenario, number, { ranges, receivedBytes: 400, arrivedBytes: 400, trouble });
    }
    expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 10_000]);
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'failed',
      failure: {
        code: 'connection-lost',
        message: `${trouble.message}; what has arrived is kept: get the file again to go on`,
      },
    });
    expect(effects(scenario).at(-1)).toBe('stop-running');
  });

  test('begins to count anew when something came', () => {
    const { scenario, number } = broken();
    for (let count = 1; count <= 30; count += 1) {
      scenario.pass(250);
      offer(scenario, 50 + count);
      want(scenario, number, { ranges, receivedBytes: 400 + count, arrivedBytes: 400 + count, trouble });
      expect(stateOf(scenario, number)).toBe('interrupted');
    }
  });

  test('is given up at the second try when nobody ever answered by udp', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    const silence = { code: 'server-unreachable', message: 'udp is blocked' } as const;
    offer(scenario, 1);
    want(scenario, number, { trouble: silence });
    scenario.pass(250);
    offer(scenario, 2);
    want(scenario, number, { trouble: silence });
    expect(scenario.client.transfers.get(number)?.failure).toEqual(silence);
  });

  test('is not asked for while it is paused, but when it is resumed', () => {
    const { scenario, number } = broken();
    scenario.command({ type: 'pause-transfer', number });
    scenario.pass(20_000);
    expect(requests(scenario)).toHaveLength(1);
    expect(stateOf(scenario, number)).toBe('paused');
    scenario.command({ type: 'resume-transfer', number });
    expect(requests(scenario)).toHaveLength(2);
    expect(stateOf(scenario, number)).toBe('requested');
  });

  test('waits for a server that refuses for a while, and not for a file that is gone', () => {
    const { scenario, number } = broken();
    const refuse = (code: 'server-draining' | 'file-not-found', retryAfterMs?: number) =>
      scenario.receive({
        type: 'failed',
        requestId: scenario.lastSent('request-transfer').requestId,
        code,
        message: 'words',
        retryAfterMs,
      });
    scenario.pass(250);
    refuse('server-draining', 7_000);
    expect(stateOf(scenario, number)).toBe('interrupted');
    scenario.pass(6_999);
    expect(requests(scenario)).toHaveLength(2);
    scenario.pass(1);
    expect(requests(scenario)).toHaveLength(3);
    refuse('file-not-found');
    expect(scenario.client.transfers.get(number)?.failure).toEqual({
      code: 'file-not-found',
      message: 'words; what has arrived is kept: get the file again to go on',
    });
  });

  test.each([
    ['connection-lost', ['interrupt-running']],
    ['completed', []],
    ['file-changed', []],
  ] as const)('and of which the server says %s', (outcome, steps) => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 41);
    progress(scenario, number, 'receiving', 400);
    const before = effects(scenario).length;
    const end = { transferId: 41 as never, outcome, message: 'words' };
    scenario.receive({ type: 'transfer-ended', ...end, bytesSent: 400 });
    expect(effects(scenario).slice(before)).toEqual(steps);
  });

  test('is not broken off again when the server says late that it is', () => {
    const { scenario, number } = broken();
    const end = { transferId: 41 as never, outcome: 'connection-lost', message: 'words' } as const;
    const before = effects(scenario).length;
    scenario.receive({ type: 'transfer-ended', ...end, bytesSent: 400 });
    expect(effects(scenario).slice(before)).toEqual([]);
    expect(stateOf(scenario, number)).toBe('interrupted');
  });

  test('is told by the server why it broke', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 41);
    const end = { transferId: 41 as never, outcome: 'file-changed', message: 'it changed' } as const;
    scenario.receive({ type: 'transfer-ended', ...end, bytesSent: 10 });
    want(scenario, number, { trouble });
    expect(scenario.client.transfers.get(number)?.failure?.message).toContain('the server says: it changed');
  });
});

// CHAT-RESUME-1
describe('when the session is lost', () => {
  const trouble = { code: 'server-cancelled', message: 'the server is stopping' } as const;

  function lost() {
    const scenario = Scenario.registered('ann', 0, { reconnects: true });
    const [running, requested] = [get(scenario, 'a'), get(scenario, 'b')];
    scenario.receive({
      type: 'transfer-offer',
      requestId: (scenario.sent.find(({ type }) => type === 'request-transfer') as { requestId: number })
        .requestId,
      transferId: 1 as never,
      ticket: new Uint8Array(32) as never,
      ticketLifetimeMs: 30_000,
      udpPort: 9_000,
      name: 'a' as never,
      size: 1_000,
      modifiedAt: 1,
      digests: { sha256: SHA256, chunkRoot: ROOT },
    });
    progress(scenario, running, 'receiving');
    scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
    return { scenario, running, requested };
  }

  function comeBack(scenario: Scenario): void {
    scenario.pass(30_000);
    scenario.handle({ type: 'connected' });
    scenario.receive({
      type: 'hello-ok',
      version: 1,
      serverName: 'server',
      serverTime: 1,
      motd: '',
      room: LOBBY,
    });
    scenario.receive({
      type: 'registered',
      requestId: scenario.lastSent('register').requestId,
      nickname: nick('ann'),
      sessionId: 2 as never,
    });
  }

  test('what flows goes on flowing, and what broke or waited is asked for when it is back', () => {
    const { scenario, running, requested } = lost();
    expect(stateOf(scenario, running)).toBe('running');
    expect(stateOf(scenario, requested)).toBe('interrupted');
    const asked = scenario.sent.filter(({ type }) => type === 'request-transfer').length;
    want(scenario, running, { receivedBytes: 100, arrivedBytes: 100, trouble });
    expect(stateOf(scenario, running)).toBe('interrupted');
    expect(effects(scenario)).not.toContain('stop-running');
    comeBack(scenario);
    const again = scenario.sent.filter(({ type }) => type === 'request-transfer').slice(asked);
    expect(again).toMatchObject([{ name: 'a' }, { name: 'b' }]);
  });

  // CHAT-TRANSFER-7
  test('what still seems to flow when it is back is asked for anew', () => {
    const { scenario, running } = lost();
    comeBack(scenario);
    expect(effects(scenario).at(-1)).toBe('interrupt-running');
    want(scenario, running, { receivedBytes: 100, arrivedBytes: 100, trouble });
    scenario.pass(250);
    expect(scenario.lastSent('request-transfer').name).toBe('a');
  });

  test('what flows to its end meanwhile is complete', () => {
    const { scenario, running } = lost();
    end(scenario, running, { kind: 'completed', path: '/tmp/a', size: 1_000, durationMs: 1 });
    expect(stateOf(scenario, running)).toBe('completed');
    comeBack(scenario);
    expect(stateOf(scenario, running)).toBe('completed');
  });

  // CHAT-RESUME-1, CHAT-TRANSFER-6
  test('transfers are paused, resumed and cancelled meanwhile, and the server hears of it when it is back', () => {
    const { scenario, running, requested } = lost();
    const command = (type: 'pause-transfer' | 'resume-transfer' | 'cancel-transfer', number: number) =>
      scenario.resultOf(scenario.command({ type, number }));
    expect(command('pause-transfer', running)).toMatchObject({ state: 'paused' });
    expect(effects(scenario).at(-1)).toBe('pause-running');
    expect(command('cancel-transfer', requested)).toMatchObject({ state: 'cancelled' });
    want(scenario, running, { receivedBytes: 100, arrivedBytes: 100, trouble });
    expect(stateOf(scenario, running)).toBe('paused');
    expect(command('resume-transfer', running)).toMatchObject({ state: 'interrupted' });
    expect(effects(scenario).at(-1)).toBe('resume-running');
    const asked = scenario.sent.length;
    comeBack(scenario);
    const again = scenario.sent.slice(asked).filter(({ type }) => type === 'request-transfer');
    expect(again).toMatchObject([{ name: 'a' }]);
  });

  test('one that is paused stays so when the server is back', () => {
    const { scenario, running } = lost();
    want(scenario, running, { receivedBytes: 100, arrivedBytes: 100, trouble });
    const asked = scenario.sent.filter(({ type }) => type === 'request-transfer').length;
    scenario.command({ type: 'pause-transfer', number: running });
    comeBack(scenario);
    expect(stateOf(scenario, running)).toBe('paused');
    // That of the other one.
    expect(scenario.sent.filter(({ type }) => type === 'request-transfer')).toHaveLength(asked + 1);
    scenario.command({ type: 'resume-transfer', number: running });
    expect(stateOf(scenario, running)).toBe('requested');
  });

  test('for good, what has arrived is kept, and the user is told how to go on', () => {
    const scenario = Scenario.registered('ann', 0, { reconnects: 2 });
    const number = get(scenario);
    offer(scenario, 1);
    progress(scenario, number, 'receiving');
    for (let vain = 0; vain < 3; vain += 1) {
      const refused = { kind: 'connect-failed', code: 'ECONNREFUSED', message: 'nobody is there' } as const;
      scenario.handle({ type: 'connection-ended', trouble: refused });
      scenario.pass(30_000);
    }
    expect(scenario.client.session.end).toMatchObject({ kind: 'connect-failed' });
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'failed',
      failure: {
        code: 'connection-ended',
        message: expect.stringMatching(/; what has arrived is kept: get the file again to go on$/),
      },
    });
    expect(effects(scenario).at(-1)).toBe('stop-running');
  });
});
