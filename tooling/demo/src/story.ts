import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Program } from '@parley/programs';
import type { Relay } from '@parley/relay';
import { BAD_NETWORK, hashFile, SHARED_FILE, type Stage } from './stage.ts';
import { expect, paint, print, type Tour } from './tour.ts';

type Counters = ReturnType<Relay['statistics']>['toTarget'];

/** What the steps leave for each other. */
interface Scene {
  readonly stage: Stage;
  readonly relay: Relay;
  readonly server: Program;
  /** Where the server listens for chat. */
  readonly address: string;
  readonly hash: string;
  readonly ann: Program;
  readonly bob: Program;
  readonly eve: Program;
}

const DOWNLOAD_LIMIT_MS = 150_000;

/** The whole tour, step by step; throws at the first step that does not show what it should. */
export async function showEverything(stage: Stage, tour: Tour): Promise<void> {
  print(
    paint('bold', 'Parley, a tour: a server, three clients and a bad network, each a process of its own\n'),
  );
  const scene = await setTheScene(stage, tour);
  await showConversation(scene, tour);
  await showLists(scene, tour);
  await showDownload(scene, tour);
  await showFarewells(scene, tour);
}

async function setTheScene(stage: Stage, tour: Tour): Promise<Scene> {
  const scene: Partial<{ -readonly [Key in keyof Scene]: Scene[Key] }> = { stage };
  await tour.step('a server starts and shares a folder', async () => {
    scene.hash = await stage.makeSharedFile();
    scene.relay = await stage.startNetwork();
    scene.server = stage.startServer(scene.relay.address.port);
    const [, tcp = '', host = '', port = ''] = await scene.server.stdout.line(
      /^listening tcp=(\S+) udp=([^:]+):(\d+)$/,
    );
    scene.address = tcp;
    stage.leadTo({ host, port: Number(port) });
    return `chat at ${tcp}, files at UDP port ${port}: "${SHARED_FILE.name}", 64 MiB of random bytes`;
  });
  await tour.step('a bad network stands in front of its UDP port', async () => {
    const { loss, duplicateRatio, reorderRatio, delayMs } = BAD_NETWORK;
    return (
      `each way takes ${delayMs} ms, loses ${percent(loss)} of all packets, ` +
      `doubles ${percent(duplicateRatio)} and lets ${percent(reorderRatio)} be overtaken`
    );
  });
  const { address = '' } = scene;
  const [, fingerprint = ''] = await (scene.server as Program).stdout.line(/^fingerprint (\S+)$/);
  await tour.step('a server that nobody knows yet is told nothing', async () => {
    const stranger = stage.startClient('a stranger', ['say', address, 'hello', '--nick', 'stranger']);
    const { code } = await stranger.end;
    expect(code === 8, `exit code 8 from a stranger, got ${code}`);
    return stranger.complaints;
  });
  await tour.step('ann, who was told its fingerprint, bob and eve join the room', async () => {
    scene.ann = stage.startClient('ann', [address, '--nick', 'ann', '--fingerprint', fingerprint]);
    await scene.ann.stdout.line(/you are ann\b/);
    scene.bob = stage.startClient('bob', [address, '--nick', 'bob']);
    await scene.ann.stdout.line(/\bbob joined$/);
    scene.eve = stage.startClient('eve', [address, '--nick', 'eve']);
    await Promise.all([scene.ann.stdout.line(/\beve joined$/), scene.bob.stdout.line(/\beve joined$/)]);
    return `ann reads: ${quote(await scene.ann.stdout.line(/\bbob joined$/))}`;
  });
  await tour.step('a nickname that is taken is refused', async () => {
    const second = stage.startClient('a second ann', ['say', address, 'hello', '--nick', 'ann']);
    const { code } = await second.end;
    expect(code === 4, `exit code 4 from a second ann, got ${code}`);
    return second.complaints;
  });
  return scene as Scene;
}

async function showConversation({ ann, bob, eve }: Scene, tour: Tour): Promise<void> {
  await tour.step('what one says, everybody reads', async () => {
    ann.type('Hello everybody, the film is ready.');
    const heard = await Promise.all(
      [bob, eve].map((reader) => reader.stdout.line(/<ann> Hello everybody, the film is ready\.$/)),
    );
    bob.type('Lovely! Grüße — 你好 👋');
    await Promise.all([ann, eve].map((reader) => reader.stdout.line(/<bob> Lovely! Grüße — 你好 👋$/)));
    return heard.slice(0, 1).map((match) => `bob reads: ${quote(match)}`);
  });
  await tour.step('a private message reaches one user only', async () => {
    const secret = 'the password is swordfish';
    ann.type(`/msg bob ${secret}`);
    const read = await bob.stdout.line(/\[ann \S+ you\] the password is swordfish$/);
    // Both travel the same way, so whoever reads the second has read the first if it was for them.
    ann.type('Anything else?');
    await eve.stdout.line(/<ann> Anything else\?$/);
    expect(!eve.stdout.lines.some((line) => line.includes(secret)), 'eve not to read it');
    return [`bob reads: ${quote(read)}`, 'eve reads nothing of it'];
  });
  await tour.step('a private message to nobody gets a clear answer', async () => {
    ann.type('/msg zoe are you there?');
    return `ann reads: ${quote(await ann.stdout.line(/\bzoe\b.*/))}`;
  });
}

async function showLists({ ann }: Scene, tour: Tour): Promise<void> {
  await tour.step('who is online', async () => {
    ann.type('/users');
    const line = await ann.stdout.line(/\b3 here: (.*)$/);
    expect(line[1] === 'ann, bob, eve', `ann, bob, eve, got ${line[1]}`);
    return `ann reads: ${quote(line)}`;
  });
  await tour.step('which files there are', async () => {
    ann.type('/files');
    await ann.stdout.line(/\b1 file$/);
    return `ann reads: ${quote(await ann.stdout.line(/67\.1 MB .*holiday film\.bin$/))}`;
  });
  await tour.step('a file that does not exist gets an error that says so', async () => {
    ann.type('/get nothing.bin');
    return `ann reads: ${quote(await ann.stdout.line(/nothing\.bin failed: .+/))}`;
  });
}

async function showDownload({ stage, relay, server, hash, ann, bob }: Scene, tour: Tour): Promise<void> {
  const target = join(stage.downloadFolder, 'film.bin');
  let seconds = 0;
  await tour.step('64 MiB come through the bad network, while the chat goes on', async () => {
    const startedAtMs = performance.now();
    ann.type(`/get "${SHARED_FILE.name}" to film.bin`);
    const over = /download \d+: (?:.*film\.bin, (.+ in .+)|holiday film\.bin ((?:failed|cancelled).*))$/;
    const ended = ann.stdout.line(over, DOWNLOAD_LIMIT_MS);
    const talk = await talkUntil(ended, { ann, bob });
    const [, summary, failure] = await ended;
    expect(failure === undefined, `a download, got: ${failure}`);
    seconds = (performance.now() - startedAtMs) / 1000;
    return [
      `ann reads: ${summary}`,
      `${talk.length} messages from bob to ann meanwhile: ${milliseconds(median(talk))} in the median, ${milliseconds(Math.max(...talk))} at most`,
    ];
  });
  await tour.step('the file is the same, and nothing else was left', async () => {
    const [, verified] = await ann.stdout.line(/\b([0-9a-f]{64})$/);
    const received = await hashFile(target);
    expect(
      received === hash && verified === hash,
      `SHA-256 ${hash}, got ${received}; the client says ${verified}`,
    );
    const { size } = await stat(target);
    const files = await readdir(stage.downloadFolder);
    expect(size === SHARED_FILE.byteLength, `${SHARED_FILE.byteLength} bytes, got ${size}`);
    expect(files.join() === 'film.bin', `film.bin alone, got ${files.join(', ')}`);
    return `SHA-256 ${received}`;
  });
  await tour.step('the network was as bad as promised', async () => {
    const { toTarget, fromTarget } = relay.statistics();
    for (const counters of [toTarget, fromTarget]) checkFaults(counters);
    const sent = fromTarget.bytesOffered;
    const ended = await logged(server, /"transfer-ended"/);
    expect(ended.includes('"completed"'), `the server to log a completed transfer, got ${ended}`);
    return [
      `from the server: ${faults(fromTarget)}`,
      `to the server:   ${faults(toTarget)}`,
      `${megabytes(SHARED_FILE.byteLength)} arrived out of ${megabytes(sent)} sent: ${percent(sent / SHARED_FILE.byteLength - 1)} more, for ` +
        `${percent(fromTarget.packetsDropped.loss / fromTarget.packetsOffered)} lost`,
      `${(SHARED_FILE.byteLength / 1e6 / seconds).toFixed(1)} MB/s`,
    ];
  });
  await tour.step('a second download does not overwrite the first', async () => {
    ann.type(`/get "${SHARED_FILE.name}" to film.bin`);
    const line = await ann.stdout.line(/.*\bexists\b.*/);
    expect((await hashFile(target)) === hash, 'the first download to be untouched');
    return `ann reads: ${quote(line)}`;
  });
}

async function showFarewells({ ann, bob, eve, server }: Scene, tour: Tour): Promise<void> {
  await tour.step('ann leaves, and the others are told', async () => {
    ann.type('/quit time for the film');
    const lines = await Promise.all([bob, eve].map((reader) => reader.stdout.line(/\bann left.*$/)));
    const { code } = await ann.end;
    expect(code === 0, `exit code 0 from ann, got ${code}`);
    return lines.slice(0, 1).map((line) => `bob reads: ${quote(line)}`);
  });
  await tour.step('the server stops when it is told to, and says goodbye', async () => {
    const { code, signal } = await server.stop();
    expect(code === 0, `exit code 0 from the server, got ${code ?? signal}`);
    const ends = await Promise.all([bob.end, eve.end]);
    expect(
      ends.every((end) => end.code === 3),
      `exit code 3 from bob and eve, got ${ends.map((end) => end.code)}`,
    );
    return `bob reads: ${bob.complaints}`;
  });
}

/** Bob says one thing after the other until something else is over; how long each took to reach ann. */
async function talkUntil(end: Promise<unknown>, { ann, bob }: Pick<Scene, 'ann' | 'bob'>): Promise<number[]> {
  const times: number[] = [];
  const isOver = end.then(
    () => true,
    () => true,
  );
  for (let number = 1; ; number++) {
    const saidAtMs = performance.now();
    bob.type(`still talking, ${number}`);
    await ann.stdout.line(new RegExp(`<bob> still talking, ${number}$`));
    times.push(performance.now() - saidAtMs);
    // Slower than the server's patience with talkative people.
    const pause = new Promise<false>((resolve) => setTimeout(resolve, 500, false));
    if (await Promise.race([isOver, pause])) return times;
  }
}

/** A line of the server's log, which goes to its standard error. */
async function logged(server: Program, pattern: RegExp): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const line = server.complaints.split('\n').find((text) => pattern.test(text));
    if (line !== undefined) return line;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`expected the server to log ${pattern}, got:\n${server.complaints}`);
}

/** The shares that were asked for, within what chance makes of some thousand packets. */
function checkFaults({ packetsOffered, packetsDropped, packetsDuplicated, packetsHeldBack }: Counters): void {
  const isNear = (count: number, ratio: number) => Math.abs(count / packetsOffered - ratio) < 0.25 * ratio;
  expect(packetsOffered > 1000, `more than 1000 packets, got ${packetsOffered}`);
  expect(
    isNear(packetsDropped.loss, BAD_NETWORK.loss),
    `${percent(BAD_NETWORK.loss)} of ${packetsOffered} packets lost, got ${packetsDropped.loss}`,
  );
  expect(packetsDuplicated > 0 && packetsHeldBack > 0, 'doubled and overtaken packets, got none');
}

function faults({ packetsOffered, packetsDropped, packetsDuplicated, packetsHeldBack }: Counters): string {
  return `${packetsOffered} packets, ${packetsDropped.loss} lost, ${packetsDuplicated} doubled, ${packetsHeldBack} overtaken`;
}

function quote(match: RegExpExecArray): string {
  // The time of day in front, or the sign of a further line, says nothing here.
  return match.input.replace(/^(\d\d:\d\d |\s+\S\s+)/, '');
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(1))} %`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
