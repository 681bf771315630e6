import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { connect, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientError, type ParleyClient, type ServerInfo, SessionEndedError } from '@parley/client-core';
import type { ServerAddress } from '../address.ts';
import type { Security } from '../command-arguments.ts';
import { endWords } from '../end-words.ts';
import { EXIT_CODES, exitCodeOfEnd } from '../exit-codes.ts';
import { formatBytes, formatDuration } from '../view/format.ts';
import { jsonLine } from './json-line.ts';
import type { ScriptContext, ScriptResult } from './script.ts';

/** What one check came to. */
interface Finding {
  readonly check: 'name' | 'port' | 'protection' | 'round-trip' | 'clock' | 'files' | 'packets';
  readonly verdict: 'good' | 'bad' | 'unknown';
  readonly words: string;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Clocks that are further apart make times in the room hard to believe. */
const SKEW_MS_MAX = 5_000;
/** What is fetched to try UDP: not for its content. */
const FILE_BYTES_MAX = 8_000_000;
const FETCH_TIMEOUT_MS = 20_000;
/** A packet of a download is sent whole up to the size that the path takes; smaller files do not find it out. */
const FILE_BYTES_FOR_PACKETS = 100_000;

/** Checks step by step whether a server can be talked with, and says in plain words what is wrong. */
export async function doctor(
  context: ScriptContext,
  { isJson, security }: { readonly isJson: boolean; readonly security: Security },
): Promise<ScriptResult> {
  const { output, address } = context;
  let exitCode: number = EXIT_CODES.success;
  const tell = (finding: Finding) => {
    const mark = { good: 'ok ', bad: 'BAD', unknown: '?  ' }[finding.verdict];
    output.print(isJson ? jsonLine(finding) : `${mark} ${finding.check.padEnd(11)} ${finding.words}`);
    if (finding.verdict === 'bad' && exitCode === EXIT_CODES.success) exitCode = EXIT_CODES.connection;
  };
  if (!(await checkName(address, tell)) || !(await checkPort(address, tell))) return { exitCode };
  const folder = await mkdtemp(join(tmpdir(), 'parley-doctor-'));
  const client = context.createClient(address, { qlogDirectory: folder, downloadFolder: folder });
  const stop = () => void client.leave();
  context.signal.addEventListener('abort', stop);
  try {
    const server = await client.connect();
    const name = server.name === '' ? 'a Parley server' : server.name;
    // Without TLS nobody has shown who they are.
    const identity =
      security.kind === 'none'
        ? 'unprotected (--insecure): everybody on the way can read and change what is said'
        : 'and is the one that it was';
    tell({ check: 'protection', verdict: 'good', words: `${name} answers, ${identity}` });
    await checkTimes(client, server, tell);
    const size = await checkFiles(client, tell);
    // The trace is whole when the client is gone.
    await client.leave();
    if (size !== undefined) tell(await packetFinding(folder, size));
  } catch (error) {
    if (!(error instanceof SessionEndedError)) throw error;
    tell({ check: 'protection', verdict: 'bad', words: endWords(error.end) });
    exitCode = exitCodeOfEnd(error.end);
  } finally {
    context.signal.removeEventListener('abort', stop);
    await client.leave();
    await rm(folder, { recursive: true, force: true });
  }
  return { exitCode };
}

type Tell = (finding: Finding) => void;

async function checkName({ host }: ServerAddress, tell: Tell): Promise<boolean> {
  if (isIP(host) !== 0) return true;
  try {
    const addresses = (await lookup(host, { all: true })).map(({ address }) => address);
    tell({ check: 'name', verdict: 'good', words: `${host} is ${addresses.join(', ')}` });
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const words = `nobody knows where ${host} is (${code}): is it spelled right, and is this machine online?`;
    tell({ check: 'name', verdict: 'bad', words });
    return false;
  }
}

async function checkPort({ host, port }: ServerAddress, tell: Tell): Promise<boolean> {
  const begun = performance.now();
  const problem = await new Promise<string | undefined>((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    const finish = (words: string | undefined) => {
      socket.destroy();
      resolve(words);
    };
    socket.on('connect', () => finish(undefined));
    socket.on('timeout', () => finish('nothing answers: a firewall may swallow it, or the machine is off'));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      finish(
        error.code === 'ECONNREFUSED'
          ? 'the machine is there, but nobody listens at that port: does the server run, and at this port?'
          : `no connection (${error.code})`,
      ),
    );
  });
  const took = formatDuration(performance.now() - begun);
  const words = problem ?? `connected in ${took}`;
  tell({
    check: 'port',
    verdict: problem === undefined ? 'good' : 'bad',
    words: `TCP port ${port}: ${words}`,
  });
  return problem === undefined;
}

async function checkTimes(client: ParleyClient, server: ServerInfo, tell: Tell): Promise<void> {
  const skewMs = server.time - Date.now();
  const roundTripMs = await client.measureRoundTrip();
  tell({ check: 'round-trip', verdict: 'good', words: `an answer takes ${roundTripMs.toFixed(1)} ms` });
  const isNear = Math.abs(skewMs) <= SKEW_MS_MAX;
  const side = skewMs > 0 ? 'ahead of' : 'behind';
  const words = isNear
    ? 'the clocks agree'
    : `the server's clock is ${formatDuration(Math.abs(skewMs))} ${side} this one: one of them is wrong`;
  tell({ check: 'clock', verdict: isNear ? 'good' : 'bad', words });
}

/** Fetches the smallest file that shows something, the only way to know whether UDP gets through; gives its size. */
async function checkFiles(client: ParleyClient, tell: Tell): Promise<number | undefined> {
  try {
    await client.register(`doctor-${randomBytes(3).toString('hex')}`);
    const files = await client.files();
    const fitting = files.filter(({ size }) => size <= FILE_BYTES_MAX);
    const bySize = [...fitting].sort((left, right) => left.size - right.size);
    const file = bySize.find(({ size }) => size >= FILE_BYTES_FOR_PACKETS) ?? bySize.at(-1);
    if (file === undefined) {
      tell({ check: 'files', verdict: 'unknown', words: 'the server shares no small file to try UDP with' });
      return undefined;
    }
    const { transfer, finished } = await client.download(file.name, 'fetched');
    const timer = setTimeout(
      () => void client.cancelTransfer(transfer.number).catch(() => {}),
      FETCH_TIMEOUT_MS,
    );
    const { state, failure, route, durationMs = 0 } = await finished;
    clearTimeout(timer);
    if (state !== 'completed') {
      const why = failure?.message ?? `nothing came within ${FETCH_TIMEOUT_MS / 1_000} s`;
      const words = `no file comes through, by UDP or over TLS: ${why}`;
      tell({ check: 'files', verdict: 'bad', words });
      return undefined;
    }
    const came = `${formatBytes(file.size)} came over ${route === 'fallback' ? 'TLS' : 'UDP'} in ${formatDuration(durationMs)}, verified`;
    if (route === 'fallback') {
      const advice = "is the server's UDP port open in every firewall on the way?";
      tell({ check: 'files', verdict: 'bad', words: `UDP is blocked: ${came}; ${advice}` });
      return undefined;
    }
    tell({ check: 'files', verdict: 'good', words: came });
    return file.size;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    tell({ check: 'files', verdict: 'unknown', words: `UDP could not be tried: ${error.message}` });
    return undefined;
  }
}

/** How large the packets were that came: the trace of the download tells. */
async function packetFinding(folder: string, size: number): Promise<Finding> {
  const largest = await largestPacket(folder);
  if (largest === 0 || size < FILE_BYTES_FOR_PACKETS) {
    const words = 'the file was too small to show how large packets may be';
    return { check: 'packets', verdict: 'unknown', words };
  }
  return { check: 'packets', verdict: 'good', words: `packets of up to ${largest} bytes come through` };
}

async function largestPacket(folder: string): Promise<number> {
  let largest = 0;
  for (const name of await readdir(folder)) {
    if (!name.endsWith('.sqlog')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    for (const line of text.split('\n')) {
      if (!line.includes('packet_received')) continue;
      const length = Number(/"raw":\{"length":(\d+)/.exec(line)?.[1] ?? '0');
      largest = Math.max(largest, length);
    }
  }
  return largest;
}
