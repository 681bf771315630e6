import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface as createLineReader } from 'node:readline';
import {
  type Credential,
  createParleyClient,
  createWorkerDownloadHost,
  formatAddress,
  type ParleyClient,
  SessionEndedError,
} from '@parley/client-core';
import type { ServerAddress } from './address.ts';
import { type Invocation, parseCommandLine, type Security } from './command-line.ts';
import { readCredential } from './credential-file.ts';
import { endWords } from './end-words.ts';
import { EXIT_CODES, exitCodeOfError } from './exit-codes.ts';
import { type ConversationResult, converse } from './interactive/conversation.ts';
import { PlainInterface } from './interactive/plain-interface.ts';
import { Terminal } from './interactive/terminal.ts';
import { TerminalInterface } from './interactive/terminal-interface.ts';
import type { UserInterface } from './interactive/user-interface.ts';
import { type ScriptContext, StreamOutput } from './scripts/script.ts';
import { files, get, say, users } from './scripts/scripts.ts';
import { safeLines } from './text/safe-text.ts';
import { createServerCheck } from './trust/check-server.ts';
import { KnownServers, knownServersFile, loginKeysFolder } from './trust/known-servers.ts';
import { type KeyRing, LoginKeys } from './trust/login-keys.ts';
import { ASCII_GLYPHS, UNICODE_GLYPHS } from './view/glyphs.ts';
import { type Reflow, ScreenRenderer } from './view/screen-renderer.ts';
import { Theme } from './view/theme.ts';

/** The eye sees no more pictures than about thirty a second; drawing more would only cost. */
const DRAW_INTERVAL_MS = 33;
/** Vain tries in a row of `get` to come back: two minutes, in which a server is started again or a train leaves its tunnel. */
const SCRIPT_RECONNECTS_MAX = 10;
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

/** The whole program; gives its exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  const version = packageVersion();
  const invocation = parseCommandLine(argv, version);
  if (invocation.type === 'output') {
    (invocation.isError ? process.stderr : process.stdout).write(invocation.text);
    return invocation.exitCode;
  }
  const controller = new AbortController();
  let signalCode: number | undefined;
  for (const [signal, number] of Object.entries(SIGNAL_NUMBERS)) {
    process.on(signal, () => {
      // Who asks twice does not want to wait for goodbyes.
      if (controller.signal.aborted) process.exit(128 + number);
      signalCode = 128 + number;
      controller.abort();
    });
  }
  // Whoever read our output has gone: there is nobody left to talk to.
  process.stdout.on('error', () => controller.abort());
  const result = await carryOut(invocation, version, controller);
  const problem = signalCode === undefined ? result.problem : 'interrupted';
  if (problem !== undefined) process.stderr.write(`parley: ${safeLines(problem).join(' ')}\n`);
  return signalCode ?? result.exitCode;
}

type Wanted = Exclude<Invocation, { type: 'output' }>;

async function carryOut(
  invocation: Wanted,
  version: string,
  controller: AbortController,
): Promise<Partial<ConversationResult> & { readonly exitCode: number }> {
  const reconnects = reconnectsOf(invocation);
  const knownServers = new KnownServers(knownServersFile(process.env));
  const createClient = (address: ServerAddress): ParleyClient =>
    createParleyClient({
      reconnects,
      ...address,
      ...tlsOptions(formatAddress(address), invocation.security, knownServers),
      agent: `parley/${version}`,
      downloadFolder: process.cwd(),
      createDownloadHost: () =>
        createWorkerDownloadHost({
          io: 'io' in invocation ? invocation.io : undefined,
          qlogDirectory: qlogDirectory(process.env),
        }),
    });
  try {
    const credential = 'tokenFile' in invocation ? readCredential(invocation) : undefined;
    const keyRing = new LoginKeys(loginKeysFolder(process.env));
    if (invocation.type === 'chat') {
      return await chat(invocation, { createClient, knownServers, credential, keyRing }, controller);
    }
    const isWatched = process.stderr.isTTY === true && process.env.TERM !== 'dumb';
    const output = new StreamOutput(process.stdout, process.stderr, isWatched);
    const { signal } = controller;
    const ask = (question: string) => askOnStandardInput(question, signal);
    const context = { address: invocation.address, createClient, credential, keyRing, output, ask, signal };
    return await runScript(invocation, context);
  } catch (error) {
    const exitCode = exitCodeOfError(error);
    if (exitCode === EXIT_CODES.internal) throw error;
    if (error instanceof SessionEndedError) return { exitCode, problem: endWords(error.end) };
    return { exitCode, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** A script is told of a lost connection, unless a download may go on; a person waits until it is back. */
function reconnectsOf(invocation: Wanted): boolean | number {
  if (invocation.type === 'get') return SCRIPT_RECONNECTS_MAX;
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
    case 'users':
      return users(context);
    case 'files':
      return files(context);
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
  controller: AbortController,
): Promise<ConversationResult> {
  const { address, nickname } = invocation;
  const hasPerson = process.stdin.isTTY === true;
  if (!hasPerson && (!address || nickname === undefined)) {
    const problem = 'without a terminal nobody can be asked: give the server and --nick NAME';
    return { exitCode: EXIT_CODES.usage, problem };
  }
  const ui = createInterface(controller);
  try {
    const { createClient, knownServers, credential, keyRing } = tools;
    const rememberServer = (server: string, fingerprint: string) =>
      knownServers.remember(server, fingerprint);
    const signal = controller.signal;
    return await converse({
      ui,
      address,
      nickname,
      credential,
      keyRing,
      hasPerson,
      createClient,
      rememberServer,
      signal,
    });
  } finally {
    ui.close();
  }
}

function createInterface(controller: AbortController): UserInterface {
  const { stdin, stdout, env } = process;
  const glyphs = showsUnicode(env) ? UNICODE_GLYPHS : ASCII_GLYPHS;
  if (!stdin.isTTY || !stdout.isTTY || env.TERM === 'dumb') {
    return new PlainInterface({ input: stdin, output: stdout, hasPerson: stdin.isTTY === true, glyphs });
  }
  const terminal = new Terminal(stdin, stdout);
  // Node reads NO_COLOR, FORCE_COLOR and TERM.
  const theme = new Theme({ hasColors: stdout.getColorDepth() >= 4 });
  const reflow = reflowOf(env);
  const renderer = new ScreenRenderer({ output: terminal, theme, glyphs, reflow, schedule: drawScheduler() });
  return new TerminalInterface({ terminal, renderer, onInterrupt: () => controller.abort() });
}

/** Draws at once after a pause, so that a key shows immediately, and otherwise thirty times a second. */
function drawScheduler(): (draw: () => void) => void {
  let drawnAt = Number.NEGATIVE_INFINITY;
  return (draw) => {
    const work = () => {
      drawnAt = performance.now();
      draw();
    };
    const waitMs = drawnAt + DRAW_INTERVAL_MS - performance.now();
    if (waitMs <= 0) setImmediate(work);
    else setTimeout(work, waitMs);
  };
}

/** Where to write a qlog of each download; an empty variable is how most tools say "not set". */
function qlogDirectory({ PARLEY_QLOG_DIR: folder }: NodeJS.ProcessEnv): string | undefined {
  return folder ? resolve(folder) : undefined;
}

/** What the locale says; Windows and macOS terminals are Unicode whatever it says. */
function showsUnicode(env: NodeJS.ProcessEnv): boolean {
  if (process.platform === 'win32' || process.platform === 'darwin') return true;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  return env.TERM !== 'linux' && /utf-?8/i.test(locale);
}

function reflowOf(env: NodeJS.ProcessEnv): Reflow {
  if (env.TMUX || env.STY) return 'all';
  if (env.TERM === 'linux' || env.XTERM_VERSION) return 'none';
  return env.TERM_PROGRAM === 'vscode' ? 'all-but-cursor-row' : 'all';
}

/** The same file for the sources and for what is built of them: both are one folder below it. */
function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version }: { readonly version?: unknown } = JSON.parse(text);
  return String(version);
}
