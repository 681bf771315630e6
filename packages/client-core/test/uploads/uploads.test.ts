import { describe, expect, test } from 'vitest';
import type { WantedUpload } from '../../src/index.ts';
import { WHOLE_FILE } from '../support/fake-transfer-host.ts';
import { Scenario } from '../support/scenario.ts';
import { effects, end, progress, stateOf } from '../support/transfer-scenario.ts';

/** Queues an upload of a thousand bytes; gives its number. */
function put(scenario: Scenario, name = 'notes.txt', room?: string): number {
  const command = scenario.command({ type: 'upload', name, sourcePath: `/tmp/${name}`, room });
  return (scenario.resultOf(command) as { number: number }).number;
}

/** The file was read, or the connection broke: the server is to be asked. */
function want(scenario: Scenario, number: number, changes: Partial<WantedUpload> = {}): void {
  scenario.handle({ type: 'upload-wanted', number, wanted: { ...WHOLE_FILE, ...changes } });
}

/** The server answers the last request for an upload. */
function offer(scenario: Scenario, transferId: number, start = 0): void {
  const { requestId, name } = scenario.lastSent('request-upload');
  scenario.receive({
    type: 'upload-offer',
    requestId,
    transferId: transferId as never,
    ticket: new Uint8Array(32).fill(transferId) as never,
    ticketLifetimeMs: 30_000,
    udpPort: 9_000,
    name: name as never,
    start,
  });
}

/** The server tells how a transfer ended on its side. */
function endAtServer(scenario: Scenario, transferId: number, outcome: 'completed' | 'cancelled'): void {
  scenario.receive({
    type: 'transfer-ended',
    transferId: transferId as never,
    outcome,
    message: '',
    bytesSent: 1_000,
  });
}

const TROUBLE = { code: 'connection-lost', message: 'the server fell silent in mid-transfer' } as const;

// CHAT-UPLOAD-1, CHAT-UPLOAD-6
test('an upload asks when the file was read, takes the offer, and follows the host to the end', () => {
  const scenario = Scenario.registered();
  const number = put(scenario, 'notes.txt', 'lobby');
  expect(scenario.others).toEqual([
    { type: 'start-upload', number, sourcePath: '/tmp/notes.txt', folderName: undefined },
  ]);
  want(scenario, number);
  expect(scenario.lastSent('request-upload')).toMatchObject({
    name: 'notes.txt',
    size: 1_000,
    chunkRoot: WHOLE_FILE.chunkRoot,
    room: 'lobby',
  });
  offer(scenario, 41, 600);
  expect(scenario.others.at(-1)).toEqual({
    type: 'give-upload-offer',
    number,
    offer: { transferId: 41, ticket: new Uint8Array(32).fill(41), udpPort: 9_000, start: 600 },
  });
  progress(scenario, number, 'sending', 700);
  expect(scenario.client.transfers.get(number)).toMatchObject({
    direction: 'upload',
    state: 'running',
    receivedBytes: 700,
    size: 1_000,
  });
  progress(scenario, number, 'verifying', 1_000);
  const sha256 = new Uint8Array(32).fill(3);
  end(scenario, number, { kind: 'completed', path: '/tmp/notes.txt', size: 1_000, durationMs: 12, sha256 });
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'completed',
    targetPath: 'notes.txt',
    sha256,
  });
});

test('a refusal is the answer, in the words of the server', () => {
  const scenario = Scenario.registered();
  const number = put(scenario);
  want(scenario, number);
  const { requestId } = scenario.lastSent('request-upload');
  const refusal = { code: 'quota-exceeded', message: 'you may have 10 bytes' } as const;
  scenario.receive({ type: 'failed', requestId, ...refusal, retryAfterMs: undefined });
  expect(scenario.client.transfers.get(number)).toMatchObject({ state: 'failed', failure: refusal });
});

// CHAT-UPLOAD-5, CHAT-FAILED-1
test('a refusal that says when to ask again is no answer yet', () => {
  const scenario = Scenario.registered();
  const number = put(scenario);
  want(scenario, number);
  const message = 'this file is being uploaded as notes.txt already';
  const refuse = (retryAfterMs: number | undefined) => {
    const { requestId } = scenario.lastSent('request-upload');
    scenario.receive({ type: 'failed', requestId, code: 'file-exists', message, retryAfterMs });
  };
  refuse(5_000);
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'interrupted',
    failure: { code: 'file-exists', message },
  });
  scenario.pass(5_000);
  expect(scenario.sent.filter(({ type }) => type === 'request-upload')).toHaveLength(2);
  refuse(undefined);
  expect(scenario.client.transfers.get(number)).toMatchObject({ state: 'failed' });
});

test('a name that no server can have is refused without asking, and so is one that is on its way', () => {
  const scenario = Scenario.registered();
  const bad = scenario.command({ type: 'upload', name: 'a/b', sourcePath: '/tmp/b', room: undefined });
  expect(scenario.errorOf(bad).code).toBe('file-name-invalid');
  put(scenario);
  const twice = { type: 'upload', name: 'notes.txt', sourcePath: '/tmp/other', room: undefined } as const;
  expect(scenario.errorOf(scenario.command(twice))).toMatchObject({
    code: 'target-exists',
    message: 'notes.txt is being uploaded already, as number 1',
  });
});

test('an offer of a download is no answer to an upload', () => {
  const scenario = Scenario.registered();
  want(scenario, put(scenario));
  const { requestId, name } = scenario.lastSent('request-upload');
  scenario.receive({
    type: 'transfer-offer',
    requestId,
    transferId: 1 as never,
    ticket: new Uint8Array(32) as never,
    ticketLifetimeMs: 1,
    udpPort: 1,
    name: name as never,
    size: 1_000,
    modifiedAt: 1,
    digests: undefined,
  });
  expect(scenario.client.session.end).toMatchObject({ kind: 'protocol-violation' });
});

// CHAT-RESUME-1, CHAT-UPLOAD-5
describe('an upload that breaks', () => {
  function broken() {
    const scenario = Scenario.registered('ann', 0, { reconnects: true });
    const number = put(scenario);
    want(scenario, number);
    offer(scenario, 41);
    progress(scenario, number, 'sending', 400);
    want(scenario, number, { receivedBytes: 400, arrivedBytes: 400, trouble: TROUBLE });
    return { scenario, number };
  }

  test('is asked for again after a pause', () => {
    const { scenario, number } = broken();
    expect(scenario.client.transfers.get(number)).toMatchObject({ state: 'interrupted', failure: TROUBLE });
    scenario.pass(250);
    expect(scenario.sent.filter(({ type }) => type === 'request-upload')).toHaveLength(2);
    offer(scenario, 42, 300);
    expect(scenario.others.at(-1)).toMatchObject({ type: 'give-upload-offer', offer: { start: 300 } });
  });

  // CHAT-UPLOAD-4
  test('when all of it was there is complete as soon as the server says so', () => {
    const { scenario, number } = broken();
    scenario.pass(200);
    endAtServer(scenario, 41, 'completed');
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'completed',
      receivedBytes: 1_000,
      sha256: WHOLE_FILE.sha256,
      durationMs: WHOLE_FILE.elapsedMs + 200,
    });
    expect(effects(scenario).at(-1)).toBe('stop-running');
    end(scenario, number, { kind: 'stopped' });
    scenario.pass(60_000);
    expect(stateOf(scenario, number)).toBe('completed');
    expect(scenario.sent.filter(({ type }) => type === 'request-upload')).toHaveLength(1);
  });

  // CHAT-FOLDER-12, CHAT-UPLOAD-4
  test('when a folder was there names what was left out, and counts what it was read to hold last', () => {
    const scenario = Scenario.registered();
    const number = put(scenario);
    const read = { size: 1_200, sha256: undefined, leftOut: ['.hidden'] };
    want(scenario, number, read);
    offer(scenario, 41);
    progress(scenario, number, 'sending', 400);
    want(scenario, number, { ...read, size: 1_300, receivedBytes: 400, arrivedBytes: 400, trouble: TROUBLE });
    endAtServer(scenario, 41, 'completed');
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'completed',
      size: 1_300,
      receivedBytes: 1_300,
      sha256: undefined,
      leftOut: ['.hidden'],
    });
  });

  // CHAT-UPLOAD-4
  test('when the server has said already that all of it is there, is complete', () => {
    const scenario = Scenario.registered();
    const number = put(scenario);
    want(scenario, number);
    offer(scenario, 41);
    endAtServer(scenario, 41, 'completed');
    expect(stateOf(scenario, number)).toBe('connecting');
    want(scenario, number, { receivedBytes: 1_000, arrivedBytes: 1_000, trouble: TROUBLE });
    expect(stateOf(scenario, number)).toBe('completed');
  });

  test('is not complete because another transfer is', () => {
    const { scenario, number } = broken();
    endAtServer(scenario, 40, 'completed');
    endAtServer(scenario, 41, 'cancelled');
    expect(stateOf(scenario, number)).toBe('interrupted');
  });
});

// CHAT-TRANSFER-6
test('cancelling ends it here and at the server', () => {
  const scenario = Scenario.registered();
  const number = put(scenario);
  want(scenario, number);
  offer(scenario, 41);
  scenario.command({ type: 'cancel-transfer', number });
  expect(scenario.lastSent('cancel-transfer').transferId).toBe(41);
  expect(effects(scenario)).toEqual(['start-upload', 'give-upload-offer', 'cancel-running']);
  expect(stateOf(scenario, number)).toBe('cancelled');
});

// CHAT-SEND-3, CHAT-SEND-4
test('what was sent is listed and discarded, and a download of it says who sent it', () => {
  const scenario = Scenario.registered();
  const listing = scenario.command({ type: 'list-sent' });
  const name = `@${'0'.repeat(32)}/a.iso`;
  const folder = `@${'1'.repeat(32)}/docs`;
  const about = { size: 5, time: 1, from: 'bob' as never };
  const files = [
    { name: name as never, ...about, files: undefined },
    { name: folder as never, ...about, files: 2 },
  ];
  scenario.receive({ type: 'sent-files', requestId: scenario.lastSent('list-sent').requestId, files });
  expect(scenario.resultOf(listing)).toEqual([files[0], { ...files[1], name: `${folder}/` }]);
  const download = scenario.command({ type: 'download', name, targetPath: '/tmp/a.iso', from: 'bob' });
  expect(scenario.resultOf(download)).toMatchObject({ name, from: 'bob' });
  scenario.command({ type: 'discard-file', name });
  expect(scenario.lastSent('discard-file')).toMatchObject({ name });
  scenario.command({ type: 'discard-file', name: `${folder}/` });
  expect(scenario.lastSent('discard-file')).toMatchObject({ name: folder });
});

// CHAT-FOLDER-8
test('a folder is asked for with its figures, and answered by its name', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({
    type: 'upload',
    name: 'pics/',
    sourcePath: '/tmp/pics',
    room: undefined,
  });
  const { number } = scenario.resultOf(command) as { number: number };
  expect(scenario.others).toEqual([
    { type: 'start-upload', number, sourcePath: '/tmp/pics', folderName: 'pics' },
  ]);
  const folder = { files: 2, entries: 3, largest: 900, manifestBytes: 99 };
  want(scenario, number, { folder, sha256: undefined });
  const { requestId } = scenario.lastSent('request-folder-upload');
  expect(scenario.lastSent('request-folder-upload')).toMatchObject({ name: 'pics', size: 1_000, ...folder });
  scenario.receive({
    type: 'upload-offer',
    requestId,
    transferId: 41 as never,
    ticket: new Uint8Array(32) as never,
    ticketLifetimeMs: 30_000,
    udpPort: 9_000,
    name: 'pics' as never,
    start: 0,
  });
  expect(scenario.others.at(-1)).toMatchObject({ type: 'give-upload-offer', number });
});

// CHAT-SEND-1, CHAT-FOLDER-9
test('what is left out of a folder for one user is what its path there has no room for', () => {
  const scenario = Scenario.registered();
  const room = `@${'0'.repeat(32)}`;
  scenario.command({ type: 'upload', name: 'pics/', sourcePath: '/tmp/pics', room });
  expect(scenario.others).toMatchObject([{ type: 'start-upload', folderName: `${room}/pics` }]);
});

// CHAT-WITHDRAWN-1, CHAT-WITHDRAWN-2
test.each([
  ['account-deleted', false],
  ['credential-revoked', true],
] as const)(
  'an upload that ends with its session by %s says why, and whether it can go on',
  (code, isKept) => {
    const scenario = Scenario.registered();
    const number = put(scenario);
    want(scenario, number);
    offer(scenario, 41);
    progress(scenario, number, 'sending', 700);
    scenario.receive({ type: 'goodbye', code, message: 'the reason', reconnectAfterMs: undefined });
    const hope = isKept ? '; what has arrived is kept: put the file again to go on' : '';
    expect(scenario.client.transfers.get(number)).toMatchObject({
      state: 'failed',
      failure: {
        code: 'connection-ended',
        message: `the server ended the connection (${code}): the reason${hope}`,
      },
    });
  },
);

// CHAT-WITHDRAWN-2
test('an upload to somebody whose account is deleted ends with the words of the server', () => {
  const scenario = Scenario.registered();
  const number = put(scenario);
  want(scenario, number);
  offer(scenario, 41);
  progress(scenario, number, 'sending', 700);
  endAtServer(scenario, 41, 'cancelled');
  const cancelled = { code: 'server-cancelled', message: 'the transfer was cancelled' } as const;
  want(scenario, number, { trouble: cancelled, receivedBytes: 700, arrivedBytes: 700 });
  scenario.pass(5_000);
  const { requestId } = scenario.lastSent('request-upload');
  const message = 'the account of who would get this is deleted';
  scenario.receive({ type: 'failed', requestId, code: 'user-not-found', message, retryAfterMs: undefined });
  expect(scenario.client.transfers.get(number)).toMatchObject({
    state: 'failed',
    failure: { code: 'user-not-found', message },
  });
});
