// A person is asked whether a server that nobody knows is the one they meant.
import { createParleyClient, formatAddress } from '@parley/client-core';
import { createSelfSignedIdentity, identityFingerprint } from '@parley/server-core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ServerAddress } from '../src/address.ts';
import { converse } from '../src/interactive/conversation.ts';
import type { UserInterface } from '../src/interactive/user-interface.ts';
import { createServerCheck } from '../src/trust/check-server.ts';
import { LoginKeys } from '../src/trust/login-keys.ts';
import { TestRoom } from './support/test-room.ts';

const identity = createSelfSignedIdentity(new Date());
const fingerprint = identityFingerprint(identity.certificate);
let room: TestRoom;

beforeEach(async () => {
  room = await TestRoom.open({}, {}, identity);
});

afterEach(() => room.close());

/** Converses with answers that are given in order; after them the user leaves. */
async function talk(
  answers: string[],
  options: { readonly known?: string; readonly problem?: string; readonly hasPerson?: boolean } = {},
) {
  const known = new Map<string, string>();
  if (options.known !== undefined) known.set(formatAddress(room.address), options.known);
  const shown: string[] = [];
  const prompts: string[] = [];
  const ui: UserInterface = {
    show: (content) => shown.push('text' in content ? content.text : content.type),
    workspace: undefined,
    setPlace: () => {},
    placeChanged: () => {},
    onWish: () => {},
    restoreInput: () => {},
    typedInput: { history: [], drafts: {} },
    onTyped: () => {},
    setDraft: () => {},
    enterLine: () => {},
    setTransfers: () => {},
    readLine: async ({ prompt }) => {
      prompts.push(prompt);
      return answers.shift();
    },
    stopReading: () => {},
    close: () => {},
  };
  const rememberServer = (server: string, accepted: string) => {
    known.set(server, accepted);
    return options.problem;
  };
  const createClient = (address: ServerAddress) => {
    const server = formatAddress(address);
    const check = { server, expected: undefined, known: known.get(server), remember: () => {} };
    return createParleyClient({
      ...address,
      downloadFolder: room.downloadFolder,
      tls: { checkServer: createServerCheck(check) },
    });
  };
  const { signal } = new AbortController();
  const { hasPerson = true } = options;
  const base = { ui, address: room.address, nickname: 'ann', createClient, rememberServer, signal };
  const keyRing = new LoginKeys('/nowhere');
  const result = await converse({ ...base, keyRing, hasPerson });
  return { result, shown: shown.join('\n'), prompts, known };
}

// CHAT-TLS-2
test.each([['yes'], ['Y'], [fingerprint]])('%s connects, and remembers', async (answer) => {
  const { result, shown, known } = await talk([answer]);
  expect(result).toEqual({ exitCode: 0, problem: undefined });
  expect(shown).toContain(`is not known yet. Its fingerprint is\n${fingerprint}\n`);
  expect(shown).toContain('you are ann');
  expect([...known.values()]).toEqual([fingerprint]);
});

test('anything but a yes or a no is asked again, and no is no', async () => {
  const { result, shown, prompts, known } = await talk(['maybe', '', 'no']);
  expect(prompts).toEqual(['is it? (yes, no): ', 'is it? (yes, no): ', 'is it? (yes, no): ']);
  expect(result.exitCode).toBe(8);
  expect(shown).not.toContain('you are ann');
  expect(known.size).toBe(0);
});

test('who leaves has not said yes', async () => {
  expect((await talk([])).result.exitCode).toBe(8);
});

test('a server that cannot be remembered is talked with, and that is said', async () => {
  const { result, shown } = await talk(['yes'], { problem: 'it cannot be remembered' });
  expect(result.exitCode).toBe(0);
  expect(shown).toContain('it cannot be remembered');
});

test('a server that has changed is not asked about', async () => {
  const { result, prompts } = await talk(['yes'], { known: `SHA256:${'x'.repeat(43)}` });
  expect(result).toMatchObject({
    exitCode: 8,
    problem: expect.stringContaining('IS NOT THE SERVER THAT IT WAS'),
  });
  expect(prompts).toEqual([]);
});

test('where nobody is, nobody is asked', async () => {
  const { result, prompts } = await talk(['yes'], { hasPerson: false });
  expect(result.exitCode).toBe(8);
  expect(prompts).toEqual([]);
});
