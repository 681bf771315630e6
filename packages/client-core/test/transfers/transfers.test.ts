import { describe, expect, test } from 'vitest';
import { nick, Scenario } from '../support/scenario.ts';
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

test('a download asks for the file, takes the offer, and follows the host to the end', () => {
  const scenario = Scenario.registered();
  const number = get(scenario);
  expect(scenario.lastSent('request-transfer')).toMatchObject({
    name: 'notes.txt',
    chunkRoot: undefined,
    ranges: undefined,
  });
  expect(stateOf(scenario, number)).toBe('requested');
  offer(scenario, 41);
  expect(scenario.others).toEqual([
    { type: 'start-download', number, targetPath: '/tmp/notes.txt', isFolder: false },
    {
      type: 'give-offer',
      number,
      offer: {
        transferId: 41,
        ticket: new Uint8Array(32).fill(41),
        udpPort: 9_000,
        size: 1_000,
        modifiedAt: 1,
        digests: { sha256: SHA256, chunkRoot: ROOT },
      },
    },
  ]);
  progress(scenario, number, 'connecting', 0);
  expect(stateOf(scenario, number)).toBe('connecting');
  progress(scenario, number, 'receiving');
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'running',
    receivedBytes: 100,
    bytesPerSecond: 50,
  });
  progress(scenario, number, 'verifying', 1_000);
  expect(stateOf(scenario, number)).toBe('verifying');
  end(scenario, number, { kind: 'completed', path: '/tmp/notes.txt', size: 1_000, durationMs: 12 });
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'completed',
    durationMs: 12,
    bytesPerSecond: 0,
  });
});

test('a file that does not exist fails with the words of the server', () => {
  const scenario = Scenario.registered();
  const number = get(scenario, 'nothing.txt');
  const { requestId } = scenario.lastSent('request-transfer');
  scenario.receive({
    type: 'failed',
    requestId,
    code: 'file-not-found',
    message: 'no such file',
    retryAfterMs: undefined,
  });
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'failed',
    failure: { code: 'file-not-found', message: 'no such file' },
  });
});

test('a name that no server can have is refused without asking', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'download', name: '../secret', targetPath: '/tmp/x' });
  expect(scenario.errorOf(command).code).toBe('file-name-invalid');
});

test('an offer of another file is declined', () => {
  const scenario = Scenario.registered();
  const number = get(scenario);
  offer(scenario, 41, { name: 'other.txt' });
  expect(scenario.lastSent('cancel-transfer').transferId).toBe(41);
  expect(scenario.client.transfers.get(number)?.failure?.code).toBe('protocol-violation');
  expect(effects(scenario)).toEqual(['start-download', 'stop-running']);
});

test('two downloads do not go to the same place', () => {
  const scenario = Scenario.registered();
  get(scenario, 'a', '/tmp/same');
  const command = scenario.command({ type: 'download', name: 'b', targetPath: '/tmp/same' });
  expect(scenario.errorOf(command)).toMatchObject({ code: 'target-exists' });
});

describe('pausing', () => {
  test('shows at once, and a snapshot from before does not flip it back', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 1);
    progress(scenario, number, 'receiving');
    scenario.command({ type: 'pause-transfer', number });
    expect(scenario.client.transfers.get(number)).toMatchObject({ state: 'paused', bytesPerSecond: 0 });
    progress(scenario, number, 'receiving', 200);
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'paused',
      receivedBytes: 200,
      bytesPerSecond: 0,
    });
    scenario.command({ type: 'resume-transfer', number });
    expect(stateOf(scenario, number)).toBe('running');
    expect(effects(scenario)).toEqual(['start-download', 'give-offer', 'pause-running', 'resume-running']);
  });

  test('before the offer takes effect when the offer comes', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    scenario.command({ type: 'pause-transfer', number });
    offer(scenario, 1);
    expect(effects(scenario)).toEqual(['start-download', 'give-offer', 'pause-running']);
    expect(stateOf(scenario, number)).toBe('paused');
  });

  test('is refused for a download that is over or unknown', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 1);
    end(scenario, number, { kind: 'completed', path: '/tmp/x', size: 1_000, durationMs: 1 });
    expect(scenario.errorOf(scenario.command({ type: 'pause-transfer', number })).code).toBe(
      'transfer-not-open',
    );
    expect(scenario.errorOf(scenario.command({ type: 'pause-transfer', number: 9 })).code).toBe(
      'transfer-unknown',
    );
  });
});

describe('cancelling', () => {
  // CHAT-TRANSFER-6
  test('ends a running download here and at the server', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 41);
    progress(scenario, number, 'receiving');
    scenario.command({ type: 'cancel-transfer', number });
    expect(stateOf(scenario, number)).toBe('cancelled');
    expect(effects(scenario)).toEqual(['start-download', 'give-offer', 'cancel-running']);
    const { transferId, requestId } = scenario.lastSent('cancel-transfer');
    expect(transferId).toBe(41);
    scenario.receive({
      type: 'failed',
      requestId,
      code: 'transfer-not-found',
      message: '',
      retryAfterMs: undefined,
    });
    end(scenario, number, { kind: 'cancelled' });
    expect(stateOf(scenario, number)).toBe('cancelled');
    expect(scenario.client.session.state).toBe('registered');
  });

  test('before the offer declines it when it comes', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    scenario.command({ type: 'cancel-transfer', number });
    offer(scenario, 41);
    expect(scenario.lastSent('cancel-transfer').transferId).toBe(41);
    expect(effects(scenario)).toEqual(['start-download', 'cancel-running']);
    expect(stateOf(scenario, number)).toBe('cancelled');
  });
});

describe('the queue', () => {
  test('opens four downloads at a time, in the order of the requests', () => {
    const scenario = Scenario.registered();
    const numbers = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => get(scenario, name));
    expect(numbers.map((number) => stateOf(scenario, number))).toEqual([
      'requested',
      'requested',
      'requested',
      'requested',
      'waiting',
      'waiting',
    ]);
    scenario.command({ type: 'cancel-transfer', number: 2 });
    expect(stateOf(scenario, 5)).toBe('requested');
    expect(stateOf(scenario, 6)).toBe('waiting');
    want(scenario, 5);
    expect(scenario.lastSent('request-transfer').name).toBe('e');
  });

  test('a download that waits can be cancelled, and not paused', () => {
    const scenario = Scenario.registered();
    for (const name of ['a', 'b', 'c', 'd', 'e']) get(scenario, name);
    expect(scenario.errorOf(scenario.command({ type: 'pause-transfer', number: 5 })).message).toContain(
      'waits',
    );
    scenario.command({ type: 'cancel-transfer', number: 5 });
    expect(stateOf(scenario, 5)).toBe('cancelled');
  });
});

describe('the end of a download', () => {
  // CHAT-TRANSFER-5
  test('is explained by the server when our side only saw the connection end', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 41);
    scenario.receive({
      type: 'transfer-ended',
      transferId: 41 as never,
      outcome: 'file-changed',
      message: 'it changed',
      bytesSent: 10,
    });
    end(scenario, number, { kind: 'failed', code: 'connection-lost', message: 'the connection broke' });
    expect(scenario.client.transfers.get(number)?.failure).toEqual({
      code: 'connection-lost',
      message: 'the connection broke (the server says: it changed)',
    });
  });

  test('a hash that is not the announced one is a failure', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 41);
    end(scenario, number, {
      kind: 'failed',
      code: 'hash-mismatch',
      message: 'the bytes are not the announced ones',
    });
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'failed',
      failure: { code: 'hash-mismatch' },
    });
  });

  // CHAT-TRANSFER-7
  test('comes with the end of the session', () => {
    const scenario = Scenario.registered();
    for (const name of ['a', 'b', 'c', 'd', 'e']) get(scenario, name);
    offer(scenario, 4);
    scenario.receive({ type: 'goodbye', code: 'server-stopping', message: '', reconnectAfterMs: undefined });
    expect(scenario.client.transfers.all.map((transfer) => transfer.state)).toEqual(Array(5).fill('failed'));
    expect(effects(scenario)).toEqual([
      ...Array(4).fill('start-download'),
      'give-offer',
      'end-connection',
      ...Array(4).fill('stop-running'),
    ]);
    expect(scenario.notifications.at(-1)?.type).toBe('closed');
  });

  test('leaving stops what runs', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    offer(scenario, 4);
    scenario.command({ type: 'leave', reason: '' });
    expect(stateOf(scenario, number)).toBe('stopped');
    expect(effects(scenario)).toContain('stop-running');
  });

  test('an offer that nobody waits for any more is declined', () => {
    const scenario = Scenario.registered();
    const number = get(scenario);
    for (let waited = 0; waited < 600_000; waited += 20_000) {
      scenario.pass(20_000);
      scenario.receive({ type: 'ping', nonce: 1 });
    }
    expect(scenario.client.transfers.get(number)?.failure?.code).toBe('request-timed-out');
    offer(scenario, 41);
    expect(scenario.lastSent('cancel-transfer').transferId).toBe(41);
  });
});

test('the oldest ended download is forgotten when a thousand are remembered', () => {
  const scenario = Scenario.registered(nick('ann'));
  for (let count = 0; count < 1_000; count += 1) {
    const number = get(scenario, `file-${count}`);
    scenario.command({ type: 'cancel-transfer', number });
  }
  expect(get(scenario, 'one-more')).toBe(1_001);
  expect(scenario.client.transfers.all).toHaveLength(1_000);
  expect(scenario.client.transfers.get(1)).toBeUndefined();
});
