import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atExit, parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { printLine } from './json-lines.ts';
import { describeMachine } from './machine.ts';
import { median, percentiles } from './statistics.ts';
import { FloodServer } from './terminal/flood-server.ts';
import { TerminalProcess } from './terminal/terminal-process.ts';

const usage = `usage: npm run bench:terminal -- [--what start,keys,load,memory,hour] [--seconds N] [--minutes N]

The terminal client as a program, at a terminal of 120 columns and 40 rows, with a server that says what it is told (Linux).
  start    from the program's start to its prompt, less what Node takes to start and end by itself
  keys     from a key to its sign on the screen while 5,000 messages a second come into the open room
  load     processor time at 50 messages a second
  memory   after as many messages as 50 a second are in an hour
  hour     memory, processor time and keys at 50 messages a second, for ten minutes; --minutes 60 is the whole hour
  --seconds N   length of keys and load (10)
  --minutes N   length of hour (10); it is not among what is measured unless asked for
Prints lines of JSON.
`;

const MAIN = fileURLToPath(new URL('../../../apps/cli-client/dist/main.js', import.meta.url));
const SIZE = { columns: 120, rows: 40 };
const FLOOD_PER_SECOND = 5_000;
const USUAL_PER_SECOND = 50;
const HOUR_MESSAGES = USUAL_PER_SECOND * 3_600;
/** The prompt in the last row. */
const PROMPT = `\u001b[${SIZE.rows};1H>`;
/** The last word of what is shown in the room; spaces are not drawn where there were none. */
const IN_ROOM = 'commands';
const STARTS = 9;
const KEY_INTERVAL_MS = 97;
/** While it is used for long. */
const HOUR_KEY_INTERVAL_MS = 5_000;
/** Signs that nothing else draws, one a key. */
const FIRST_SIGN = 0x4e00;

interface Context {
  readonly server: FloodServer;
  readonly env: NodeJS.ProcessEnv;
  readonly seconds: number;
  readonly minutes: number;
}

function open({ server, env }: Context): TerminalProcess {
  const command = `${process.execPath} ${MAIN} --insecure --nick measure 127.0.0.1:${server.port}`;
  return new TerminalProcess(command, SIZE, env);
}

async function opened(context: Context): Promise<TerminalProcess> {
  const terminal = open(context);
  await terminal.sees(IN_ROOM);
  return terminal;
}

async function measureStart(context: Context): Promise<void> {
  const prompts: number[] = [];
  const rooms: number[] = [];
  const nodes: number[] = [];
  for (let run = 0; run < STARTS; run += 1) {
    const node = new TerminalProcess(`${process.execPath} -e "console.log('started')"`, SIZE, context.env);
    nodes.push(await node.sees('started'));
    await node.close();
    const terminal = open(context);
    const begun = performance.now();
    await terminal.sees(PROMPT);
    prompts.push(performance.now() - begun);
    await terminal.sees(IN_ROOM);
    rooms.push(performance.now() - begun);
    await terminal.close();
  }
  const node = median(nodes);
  printLine({
    what: 'start',
    nodeMs: round(node),
    promptMs: round(median(prompts)),
    promptBeyondNodeMs: round(median(prompts) - node),
    inRoomBeyondNodeMs: round(median(rooms) - node),
  });
}

async function measureKeys(context: Context): Promise<void> {
  const terminal = await opened(context);
  let sign = FIRST_SIGN;
  for (const perSecond of [0, FLOOD_PER_SECOND]) {
    context.server.speak(perSecond);
    await pause(1_000);
    const saidBefore = context.server.said;
    const before = terminal.usage();
    const begun = performance.now();
    terminal.forget();
    let characters = 0;
    const latencies: number[] = [];
    for (let index = 0; performance.now() - begun < context.seconds * 1_000; index += 1) {
      const key = String.fromCodePoint(sign);
      sign += 1;
      terminal.type(key);
      latencies.push(await terminal.sees(key));
      characters += terminal.forget();
      // Not in step with what is drawn.
      await pause(KEY_INTERVAL_MS);
      if (index % 40 === 39) terminal.type('\u0015');
    }
    const seconds = (performance.now() - begun) / 1_000;
    const [p99Ms = 0, longestMs = 0] = percentiles(latencies, [0.99, 1]);
    printLine({
      what: 'keys',
      messagesPerSecond: Math.round((context.server.said - saidBefore) / seconds),
      keys: latencies.length,
      medianMs: round(median(latencies)),
      p99Ms: round(p99Ms),
      longestMs: round(longestMs),
      coreShare: round((terminal.usage().processorSeconds - before.processorSeconds) / seconds, 3),
      drawnCharactersPerSecond: Math.round(characters / seconds),
    });
  }
  context.server.speak(0);
  await terminal.close();
}

async function measureLoad(context: Context): Promise<void> {
  const terminal = await opened(context);
  context.server.speak(USUAL_PER_SECOND);
  await pause(2_000);
  const before = terminal.usage();
  await pause(context.seconds * 1_000);
  const used = terminal.usage().processorSeconds - before.processorSeconds;
  context.server.speak(0);
  printLine({
    what: 'load',
    messagesPerSecond: USUAL_PER_SECOND,
    coreShare: round(used / context.seconds, 3),
    memoryMB: round(terminal.usage().memoryBytes / 1e6),
  });
  await terminal.close();
}

async function measureMemory(context: Context): Promise<void> {
  const terminal = await opened(context);
  const atStart = terminal.usage().memoryBytes;
  const until = context.server.said + HOUR_MESSAGES;
  context.server.speak(FLOOD_PER_SECOND);
  while (context.server.said < until) {
    await pause(250);
    terminal.forget();
  }
  context.server.speak(0);
  terminal.type('\u4e5a');
  await terminal.sees('\u4e5a');
  const { memoryBytes, memoryBytesMax } = terminal.usage();
  printLine({
    what: 'memory',
    messages: HOUR_MESSAGES,
    atStartMB: round(atStart / 1e6),
    afterMB: round(memoryBytes / 1e6),
    mostMB: round(memoryBytesMax / 1e6),
  });
  await terminal.close();
}

/** As it is used: so many messages a second for a long time, and a key now and then. Prints a line a minute. */
async function measureHour(context: Context): Promise<void> {
  const terminal = await opened(context);
  const started = terminal.usage();
  const saidBefore = context.server.said;
  context.server.speak(USUAL_PER_SECOND);
  const latencies: number[] = [];
  const atMinutes: number[] = [];
  for (let minute = 1; minute <= context.minutes; minute += 1) {
    const until = performance.now() + 60_000;
    while (performance.now() < until) {
      await pause(Math.min(HOUR_KEY_INTERVAL_MS, Math.max(0, until - performance.now())));
      const key = String.fromCodePoint(FIRST_SIGN + latencies.length);
      terminal.forget();
      terminal.type(key);
      latencies.push(await terminal.sees(key));
      if (latencies.length % 20 === 0) terminal.type('\u0015');
    }
    const { memoryBytes, processorSeconds } = terminal.usage();
    atMinutes.push(memoryBytes);
    const coreShare = (processorSeconds - started.processorSeconds) / (minute * 60);
    printLine({ what: 'minute', minute, memoryMB: round(memoryBytes / 1e6), coreShare: round(coreShare, 3) });
  }
  context.server.speak(0);
  const { memoryBytes, memoryBytesMax, processorSeconds } = terminal.usage();
  printLine({
    what: 'hour',
    minutes: context.minutes,
    messages: context.server.said - saidBefore,
    atStartMB: round(started.memoryBytes / 1e6),
    afterFirstMinuteMB: round((atMinutes[0] ?? 0) / 1e6),
    atEndMB: round(memoryBytes / 1e6),
    mostMB: round(memoryBytesMax / 1e6),
    coreShare: round((processorSeconds - started.processorSeconds) / (context.minutes * 60), 3),
    keys: latencies.length,
    keyMedianMs: round(median(latencies)),
    keyLongestMs: round(Math.max(...latencies)),
  });
  await terminal.close();
}

const MEASUREMENTS = {
  start: measureStart,
  keys: measureKeys,
  load: measureLoad,
  memory: measureMemory,
  hour: measureHour,
};

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      what: { type: 'string', default: 'start,keys,load,memory' },
      seconds: { type: 'string', default: '10' },
      minutes: { type: 'string', default: '10' },
    },
  });
  const what = parseNames('what', values.what, Object.keys(MEASUREMENTS));
  const seconds = parseNumber('seconds', values.seconds, { min: 1, max: 3_600 });
  const minutes = parseCount('minutes', values.minutes, { max: 60 });
  const home = await mkdtemp(join(tmpdir(), 'parley-bench-terminal-'));
  const takeBack = atExit(() => rmSync(home, { recursive: true, force: true }));
  const { XDG_CONFIG_HOME: _config, XDG_STATE_HOME: _state, NO_COLOR: _color, ...inherited } = process.env;
  const env = { ...inherited, HOME: home, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8' };
  const server = await FloodServer.start();
  printLine(describeMachine('.'));
  try {
    for (const [name, measure] of Object.entries(MEASUREMENTS)) {
      if (what.includes(name)) await measure({ server, env, seconds, minutes });
    }
  } finally {
    server.close();
    await rm(home, { recursive: true });
    takeBack();
  }
}

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

await runMain({ name: 'bench:terminal', usage }, run);
