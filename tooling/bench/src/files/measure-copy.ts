import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnd, messageOf, Program } from '@parley/programs';
import type { EmulatedLink } from '../link/emulated-link.ts';
import type { FilePeer } from './file-peers.ts';
import { bytesOnDisk, isSame, LARGE_NAME, SMALL_NAME, type Workload } from './workload.ts';

/** What is measured. */
export type FileTask = 'small' | 'small-up' | 'large' | 'resume';

const START_MS_MAX = 20_000;
/** rsync does not say when it listens. */
const SILENT_START_MS = 500;
const POLL_MS = 20;

/** One peer and one task: how long it took, and how many bytes went over the link for each byte of the files. Throws an Error when it fails. */
export async function measureCopy(
  link: EmulatedLink,
  workload: Workload,
  {
    peer,
    task,
    limitSeconds,
  }: { readonly peer: FilePeer; readonly task: FileTask; readonly limitSeconds: number },
): Promise<{ readonly seconds: number; readonly bytes: number; readonly wireRatio: number }> {
  const { share, scratch } = workload;
  const servers: Program[] = [];
  const folder = mkdtempSync(join(scratch, 'target-'));
  const isUp = task === 'small-up';
  const name = task === 'small' || isUp ? SMALL_NAME : LARGE_NAME;
  const bytes = name === SMALL_NAME ? workload.smallBytes : workload.largeBytes;
  // Whoever sends the files has the link's sending side, so that the same bytes are counted.
  const [serverSide, clientSide] = isUp
    ? (['receiver', 'sender'] as const)
    : (['sender', 'receiver'] as const);
  const host = link.host[serverSide];
  if (task === 'small') mkdirSync(join(folder, SMALL_NAME));
  const client = isUp
    ? peer.send({ host, path: join(share, SMALL_NAME).replace(/\/$/, '') })
    : peer.fetch({ host, name, folder });
  const command = link.commandOn(clientSide, client);
  try {
    for (const { command: server, ready } of peer.servers({ host, share: isUp ? folder : share, scratch })) {
      const process = new Program(link.commandOn(serverSide, server));
      servers.push(process);
      if (ready === undefined) await sleep(SILENT_START_MS);
      else await process.stdout.line(ready, START_MS_MAX);
    }
    const wireBefore = link.bytesOnWire() ?? 0;
    if (task === 'resume') await killAtHalf(command, { folder, bytes, limitSeconds });
    const seconds = await run(command, limitSeconds);
    const wireRatio = ((link.bytesOnWire() ?? 0) - wireBefore) / bytes;
    const isRight = isSame(join(share, name), join(folder, name));
    if (!isRight) throw new Error('what came is not what was sent');
    return { seconds, bytes, wireRatio };
  } catch (error) {
    const complaints = servers.map((server) => server.complaints).join(' ');
    throw new Error(`${messageOf(error)} ${complaints}`.trim(), { cause: error });
  } finally {
    await Promise.all(servers.map((server) => server.kill()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a client to its end. What it says about its time is believed: a program of Node has to be loaded first. */
async function run(command: readonly string[], limitSeconds: number): Promise<number> {
  const startedAt = performance.now();
  const client = start(command);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    client.signal('SIGKILL');
  }, limitSeconds * 1000);
  const end = await client.end;
  clearTimeout(timer);
  const { complaints, stdout } = client;
  if (isLate) throw new Error(`the client did not end within ${limitSeconds} s ${complaints}`.trim());
  if (end.code !== 0) throw new Error(`the client ended with ${describeEnd(end)} ${complaints}`.trim());
  const wholeSeconds = (performance.now() - startedAt) / 1000;
  return stdout.text.startsWith('{') ? JSON.parse(stdout.text).seconds : wholeSeconds;
}

/** Lets a client fetch half of a file, and kills it. */
async function killAtHalf(
  command: readonly string[],
  {
    folder,
    bytes,
    limitSeconds,
  }: { readonly folder: string; readonly bytes: number; readonly limitSeconds: number },
): Promise<void> {
  const client = start(command);
  const deadline = performance.now() + limitSeconds * 1000;
  while (bytesOnDisk(folder) < bytes / 2) {
    if (client.hasEnded) throw new Error('the client ended before half of the file was there');
    if (performance.now() > deadline) {
      await client.kill();
      throw new Error(`half of the file was not there within ${limitSeconds} s`);
    }
    await sleep(POLL_MS);
  }
  await client.kill();
}

/** In a process group of its own: rsync is several processes. */
function start(command: readonly string[]): Program {
  return new Program(command, { leadsGroup: true });
}
