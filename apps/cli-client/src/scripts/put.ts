import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ClientError, type ParleyClient, type Transfer } from '@parley/client-core';
import { EXIT_CODES, exitCodeOfError, exitCodeOfUpload } from '../exit-codes.ts';
import { formatHash } from '../view/format.ts';
import { leftOutWords } from '../view/left-out.ts';
import { jsonLine } from './json-line.ts';
import { enterRoom, type ScriptContext, type ScriptResult, withClient } from './script.ts';
import { followTransfers } from './transfer-progress.ts';

/** What is uploaded, and who is told. */
export interface PutOptions {
  readonly paths: readonly string[];
  readonly nickname: string;
  readonly name: string | undefined;
  readonly room: string | undefined;
  /** The only one who may have it; undefined for everybody. */
  readonly recipient: string | undefined;
  readonly announces: boolean;
  readonly isJson: boolean;
}

/** As many as a client has open at a time: more would only wait. */
const AT_A_TIME = 4;

/** Uploads files; prints SHA-256 and name of each when it is there. Ends with the code of the first that failed. */
export async function put(context: ScriptContext, options: PutOptions): Promise<ScriptResult> {
  if (!options.paths.includes('-')) return putFiles(context, options);
  // Its size and digests have to be known before the first byte moves.
  const folder = await mkdtemp(join(tmpdir(), 'parley-put-'));
  try {
    const path = join(folder, 'stdin');
    await pipeline(context.openInput(), createWriteStream(path), { signal: context.signal });
    return await putFiles(context, { ...options, paths: [path] });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function putFiles(context: ScriptContext, options: PutOptions): Promise<ScriptResult> {
  const results: ScriptResult[] = [];
  await withClient(context, options.nickname, async (client) => {
    followTransfers(client, context.output);
    const { announces, room: named } = options;
    const room = announces ? await enterRoom(client, named ?? client.server?.room ?? '') : undefined;
    const paths = options.paths.values();
    const worker = async () => {
      for (const path of paths) results.push(await putFile(client, context, { ...options, path, room }));
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  });
  context.output.progress('');
  const failed = results.filter(({ exitCode }) => exitCode !== EXIT_CODES.success);
  for (const { problem } of failed.slice(0, -1)) if (problem !== undefined) context.output.note(problem);
  const { problem } = failed.at(-1) ?? {};
  const exitCode = failed[0]?.exitCode ?? EXIT_CODES.success;
  return problem === undefined ? { exitCode } : { exitCode, problem };
}

async function putFile(
  client: ParleyClient,
  { output }: ScriptContext,
  options: Pick<PutOptions, 'name' | 'isJson' | 'recipient'> & {
    readonly path: string;
    readonly room: string | undefined;
  },
): Promise<ScriptResult> {
  const { path, name, room, isJson, recipient } = options;
  let transfer: Transfer;
  try {
    const queued =
      recipient === undefined
        ? await client.upload(path, { name, room })
        : await client.send(recipient, path, name);
    transfer = await queued.finished;
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    if (isJson) output.print(jsonLine({ type: 'failed', path, code: error.code, message: error.message }));
    return { exitCode: exitCodeOfError(error), problem: error.message };
  }
  const { state, failure, size, sha256, durationMs = 0, resumedBytes, leftOut } = transfer;
  if (state === 'completed') {
    const hash = sha256 && formatHash(sha256);
    const values = {
      type: 'uploaded',
      path,
      name: transfer.name,
      size,
      sha256: hash,
      durationMs: Math.round(durationMs),
      resumedBytes,
      leftOut: leftOut.length === 0 ? undefined : leftOut,
    };
    if (leftOut.length > 0) output.note(leftOutWords(transfer));
    const line = hash === undefined ? transfer.name : `${hash}  ${transfer.name}`;
    output.print(isJson ? jsonLine(values) : line);
    return { exitCode: EXIT_CODES.success };
  }
  const { code, message } = failure ?? {
    code: 'interrupted',
    message: 'the upload was interrupted; what has arrived is kept: put it again to go on',
  };
  if (isJson) output.print(jsonLine({ type: 'failed', path, code, message }));
  const exitCode = failure === undefined ? EXIT_CODES.interrupted : exitCodeOfUpload(failure);
  return { exitCode, problem: `${transfer.name}: ${message}` };
}
