import { createHash, randomFillSync } from 'node:crypto';
import { createReadStream, readdirSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeEnd } from '@parley/programs';
import type { Victim } from './victim.ts';
import type { WireCounter } from './wire.ts';

/** Called with each death and each thing worth telling. */
export type Tell = (line: string) => void;

/** When which end dies: at this fraction of the file. */
export interface Death {
  readonly at: number;
  readonly end: 'server' | 'client';
}

/** What one download came to. */
export interface Result {
  readonly seconds: number;
  readonly kills: { readonly server: number; readonly client: number };
  /** Starts of the client, the one that finished included. */
  readonly clientStarts: number;
  /** Bytes on the wire that came to a client which was dead already. */
  readonly wireBytesToTheDead: number;
}

/** As often as the progress is looked at. */
const LOOK_MS = 10;
/** A dead client stays away for that long: what was on its way to it has come by then. */
const FLIGHT_MS = 150;
/** Longer than this without a byte, and the run has failed. */
const PATIENCE_MS = 120_000;

/** Deaths of both ends, spread over the file at random moments. */
export function planDeaths(kills: number, random: () => number): Death[] {
  const count = 2 * kills;
  const ends = Array.from({ length: count }, (_, index): Death['end'] =>
    index % 2 === 0 ? 'server' : 'client',
  );
  for (let index = count - 1; index > 0; index -= 1) {
    const other = Math.floor(random() * (index + 1));
    [ends[index], ends[other]] = [ends[other] as Death['end'], ends[index] as Death['end']];
  }
  return ends.map((end, index) => ({ end, at: (index + random()) / (count + 1) }));
}

/** Runs one download through all deaths, until the client says that it is done. */
export async function downloadThrough(
  deaths: readonly Death[],
  parts: {
    readonly server: Victim;
    readonly client: Victim;
    readonly wire: WireCounter;
    readonly folder: string;
    readonly size: number;
    readonly tell: Tell;
  },
): Promise<Result> {
  const { server, client, wire, folder, size, tell } = parts;
  const startedAt = performance.now();
  const kills = { server: 0, client: 0 };
  let clientStarts = 0;
  let wireBytesToTheDead = 0;
  const waiting = [...deaths];
  let clientEnd = startClient();
  let seenBytes = 0;
  let seenAt = performance.now();
  for (;;) {
    const ended = await Promise.race([clientEnd, sleep(LOOK_MS)]);
    if (ended !== undefined) {
      const { end, complaints } = ended;
      if (end.code === 0) break;
      throw new Error(`the client gave up with ${describeEnd(end)}:\n${complaints}`);
    }
    const bytes = bytesIn(folder);
    if (bytes !== seenBytes) [seenBytes, seenAt] = [bytes, performance.now()];
    if (performance.now() - seenAt > PATIENCE_MS) throw new Error(`no byte for ${PATIENCE_MS / 1000} s`);
    const death = waiting[0];
    if (death === undefined || bytes < death.at * size) continue;
    waiting.shift();
    kills[death.end] += 1;
    tell(`${((100 * bytes) / size).toFixed(1)} %: ${death.end}`);
    if (death.end === 'server') {
      await server.kill();
      await server.start();
    } else {
      const before = wire().arrived;
      await client.kill();
      await sleep(FLIGHT_MS);
      wireBytesToTheDead += wire().arrived - before;
      clientEnd = startClient();
    }
    seenAt = performance.now();
  }
  return { seconds: (performance.now() - startedAt) / 1000, kills, clientStarts, wireBytesToTheDead };

  async function startClient() {
    clientStarts += 1;
    const program = await client.start();
    return { end: await program.end, complaints: program.complaints };
  }
}

/** Fills a file with random bytes, or with none; gives their SHA-256. */
export async function makeFile(path: string, size: number, isSparse: boolean): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'w');
  const chunk = Buffer.alloc(1_000_000);
  if (isSparse) await file.truncate(size);
  for (let left = size; left > 0; left -= chunk.byteLength) {
    const piece = chunk.subarray(0, left);
    if (!isSparse) randomFillSync(piece);
    hash.update(piece);
    if (!isSparse) await file.writeFile(piece);
  }
  await file.close();
  return hash.digest('hex');
}

/** Throws unless the folder holds the file alone, with these bytes; removes it. */
export async function checkAndRemove(folder: string, name: string, sha256: string): Promise<void> {
  const names = readdirSync(folder);
  if (names.length !== 1 || names[0] !== name) throw new Error(`expected ${name} alone, found ${names}`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk);
  if (hash.digest('hex') !== sha256) throw new Error('the file has other bytes than the shared one');
  rmSync(join(folder, name));
}

/** Bytes that stand on the disk of what is being downloaded. */
function bytesIn(folder: string): number {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.part')) continue;
    return (statSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512;
  }
  return 0;
}
