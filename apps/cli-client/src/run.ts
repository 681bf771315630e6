import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface as createLineReader } from 'node:readline';
import {
  type Credential,
  createParleyClient,
  createWorkerTransferHost,
  formatAddress,
  type ParleyClient,
  SessionEndedError,
} from '@parley/client-core';
import { parseAddress, type ServerAddress } from './address.ts';
import type { Security } from './command-arguments.ts';
import { type Invocation, parseCommandLine } from './command-line.ts';
import { readCredential } from './credential-file.ts';
import { endWords } from './end-words.ts';
import { EXIT_CODES, exitCodeOfError } from './exit-codes.ts';
import { type ConversationResult, converse } from './interactive/conversation.ts';
import { createInterface } from './interactive/create-interface.ts';
import type { Interruption } from './interruption.ts';
import { configFolder, stateFolder } from './profile/folders.ts';
import { StateKeeper, stateFile } from './profile/kept-state.ts';
import { DEFAULT_PROFILE, type Profile, Profiles } from './profile/profiles.ts';
import { doctor } from './scripts/doctor.ts';
import { get } from './scripts/get.ts';
import { put } from './scripts/put.ts';
import { files, rooms, say, search, users } from './scripts/room-scripts.ts';
import { type ClientFolders, type ScriptContext, StreamOutput } from './scripts/script.ts';
import { tail } from './scripts/tail.ts';
import { safeLines } from './text/safe-text.ts';
import { createServerCheck } from './trust/check-server.ts';
import { KnownServers, knownServersFile } from './trust/known-servers.ts';
import { type KeyRing, LoginKeys, loginKeysFolder } from './trust/login-keys.ts';
import { formatPath } from './view/format.ts';

/** Vain tries in a row of `get` and `put` to come back: two minutes, in which a server is started again or a train leaves its tunnel. */
const SCRIPT_RECONNECTS_MAX = 10;

/** The whole program; gives its exit code. */
export async function run(argv: readonly string[], interruption: Interruption): Promise<number> {
  const version = packageVersion();
  const invocation = parseCommandLine(argv, version);
  if (invocation.type === 'output') {
    (invocation.isError ? process.stderr : process.stdout).write(invocation.text);
    return invocation.exitCode;
  }
  const result = interruption.signal.aborted
    ? { exitCode: EXIT_CODES.interrupted }
    : await carryOut(invocation, version, interruption);
  const { exitCode = result.exitCode, problem } = interruption.exitCode === undefined ? result : interruption;
  if (problem !== undefined) process.stderr.write(`parley: ${safeLines(problem).join(' ')}\n`);
  return exitCode;
}

type Wanted = Exclude<Invocation, { type: 'output' }>;

async function carryOut(
  invocation: Wanted,
  version: string,
  interruption: Interruption,
): Promise<Partial<ConversationResult> & { readonly exitCode: number }> {
  const reconnects = reconnectsOf(invocation);
  const knownServers = new KnownServers(knownServersFile(process.env));
  const createClient = (address: ServerAddress, folders?: ClientFolders): ParleyClient =>
    createParleyClient({
      reconnects,
      ...address,
      ...tlsOptions(formatAddress(address), invocation.security, knownServers),
      agent: `parley/${version}`,
      downloadFolder: folders?.downloadFolder ?? process.cwd(),
      preparesTransfers: invocation.type === 'get' || invocation.type === 'put',
      transfersOpenMax: 'atOnce' in invocation ? invocation.atOnce : undefined,
      createTransferHost: () =>
        createWorkerTransferHost({
          io: 'io' in invocation ? invocation.io : undefined,
          transfers: 'transfers' in invocation ? invocation.transfers : undefined,
          bytesPerSecondMax: 'limitRate' in invocation ? invocation.limitRate : undefined,
          qlogDirectory: folders?.qlogDirectory ?? qlogDirectory(process.env),
        }),
    });
  try {
    const credential = 'tokenFile' in invocation ? readCredential(invocation) : undefined;
    const keyRing = new LoginKeys(loginKeysFolder(process.env));
    if (invocation.type === 'chat') {
      return await chat(invocation, { createClient, knownServers, credential, keyRing }, interruption);
    }
    const isWatched = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
    const output = new StreamOutput(process.stdout, process.stderr, isWatched);
    const { signal } = interruption;
    const ask = (question: string) => askOnStandardInput(question, signal);
    const { address } = invocation;
    const openInput = () => process.stdin;
    const context = { address, createClient, openInput, credential, keyRing, output, ask, signal };
    return await runScript(invocation, context);
  } catch (error) {
    const exitCode = exitCodeOfError(error);
    if (exitCode === EXIT_CODES.internal) {
      // Whatever was under way is torn off then, each in its own words.
      if (interruption.signal.aborted) return { exitCode: EXIT_CODES.interrupted };
      throw error;
    }
    if (error instanceof SessionEndedError) return { exitCode, problem: endWords(error.end) };
    return { exitCode, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** A script is told of a lost connection, unless a download may go on; a person, or who follows a room, waits until it is back. */
function reconnectsOf(invocation: Wanted): boolean | number {
  if (invocation.type === 'get' || invocation.type === 'put') return SCRIPT_RECONNECTS_MAX;
  if (invocation.type === 'tail') return invocation.follows;
  return invocation.type === 'chat' && process.stdin.isTTY === true;
}

function tlsOptions(server: string, security: Security, knownServers: KnownServers) {
  if (security.kind === 'none') return {};
  const remember = (fingerprint: string) => {
    const problem = knownServers.remember(server, fingerprint);
    if (problem !== undefined) process.stderr.write(`parley: ${problem}\n`);
  };
  const known = knownServers.find(server);
  const checkServer = createServerCheck({ server, expected: security.fingerprint, known, remember });
  return { tls: { checkServer } };
}

/** Reads one line; `undefined` when there is none, or when the program has to end. */
async function askOnStandardInput(question: string, signal: AbortSignal): Promise<string | undefined> {
  // Not as a terminal's line: Ctrl-C is a signal here, as everywhere in a script.
  const lines = createLineReader({ input: process.stdin, output: process.stderr, terminal: false });
  const close = () => lines.close();
  signal.addEventListener('abort', close);
  try {
    return await new Promise((resolve) => {
      lines.question(question, resolve);
      lines.once('close', () => resolve(undefined));
    });
  } finally {
    signal.removeEventListener('abort', close);
    lines.close();
  }
}

function runScript(invocation: Exclude<Wanted, { type: 'chat' }>, context: ScriptContext) {
  switch (invocation.type) {
    case 'say':
      return say(context, invocation);
    case 'get':
      return get(context, invocation);
    case 'put':
      return put(context, invocation);
    case 'users':
      return users(context, invocation);
    case 'rooms':
      return rooms(context, invocation);
    case 'files':
      return files(context, invocation);
    case 'tail':
      return tail(context, invocation);
    case 'search':
      return search(context, invocation);
    case 'doctor':
      return doctor(context, invocation);
  }
}

async function chat(
  invocation: Extract<Invocation, { type: 'chat' }>,
  tools: {
    readonly createClient: (address: ServerAddress) => ParleyClient;
    readonly knownServers: KnownServers;
    readonly credential: Credential | undefined;
    readonly keyRing: KeyRing;
  },
  interruption: Interruption,
): Promise<ConversationResult> {
  const profiles = new Profiles(join(configFolder(process.env), 'profiles'));
  const { address, nickname, room } = withProfile(invocation, profiles);
  const hasPerson = process.stdin.isTTY === true;
  if (!hasPerson && (!address || nickname === undefined)) {
    const problem = 'without a terminal nobody can be asked: give the server and --nick NAME';
    return { exitCode: EXIT_CODES.usage, problem };
  }
  const ui = createInterface(invocation.screen, () => interruption.abort());
  try {
    const { createClient, knownServers, credential, keyRing } = tools;
    return await converse({
      ui,
      address,
      nickname,
      room,
      credential,
      keyRing,
      hasPerson,
      createClient,
      rememberServer: (server, fingerprint) => knownServers.remember(server, fingerprint),
      openState: (server, name, onProblem) =>
        new StateKeeper(stateFile(stateFolder(process.env), server, name), onProblem),
      rememberProfile: (server, nick) => rememberProfile(profiles, invocation.profile, { server, nick }),
      signal: interruption.signal,
    });
  } finally {
    ui.close();
  }
}

/** What the command line leaves open, as the profile says it, if there is one. */
function withProfile(
  { address, nickname, room, profile: name }: Extract<Invocation, { type: 'chat' }>,
  profiles: Profiles,
): Pick<Extract<Invocation, { type: 'chat' }>, 'address' | 'nickname' | 'room'> {
  if (address !== undefined && name === undefined) return { address, nickname, room };
  const profile = profiles.read(name ?? DEFAULT_PROFILE);
  if (profile === undefined) return { address, nickname, room };
  return {
    address: address ?? parseAddress(profile.server),
    nickname: nickname ?? profile.nick,
    room: room ?? (address === undefined ? profile.room : undefined),
  };
}

/** Keeps what the user was asked for, unless there is a profile already; gives words about it. */
function rememberProfile(profiles: Profiles, name = DEFAULT_PROFILE, profile: Profile): string | undefined {
  if (profiles.read(name) !== undefined) return undefined;
  const problem = profiles.write(name, profile);
  const start = name === DEFAULT_PROFILE ? 'parley' : `parley --profile ${name}`;
  return problem ?? `kept in ${formatPath(profiles.fileOf(name))}: "${start}" brings you here from now on`;
}

/** Where to write a qlog of each download; an empty variable is how most tools say "not set". */
function qlogDirectory({ PARLEY_QLOG_DIR: folder }: NodeJS.ProcessEnv): string | undefined {
  return folder ? resolve(folder) : undefined;
}

/** The same file for the sources and for what is built of them: both are one folder below it. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version?: unknown } = JSON.parse(text);
  return String(version);
}
