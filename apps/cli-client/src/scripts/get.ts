import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transfer } from '@parley/client-core';
import { EXIT_CODES, exitCodeOfFailure } from '../exit-codes.ts';
import { formatHash } from '../view/format.ts';
import { confirmOnTheWay } from './confirmation.ts';
import { jsonLine } from './json-line.ts';
import { DONE, type ScriptContext, type ScriptResult, withClient } from './script.ts';
import { followTransfers } from './transfer-progress.ts';

/** What is fetched, and how. */
interface GetOptions {
  readonly name: string;
  readonly nickname: string;
  /** A dash: standard output. */
  readonly to: string | undefined;
  readonly isJson: boolean;
  readonly confirmAt: number | undefined;
}

/** Downloads one file, and prints its SHA-256 and its path in the form that `sha256sum -c` reads; or a folder, and prints its path. */
export async function get(context: ScriptContext, options: GetOptions): Promise<ScriptResult> {
  if (options.to === '-') return await getToStandardOutput(context, options);
  return await fetchFile(context, options, (transfer) => {
    const { name, targetPath: path, size, durationMs, resumedBytes } = transfer;
    const sha256 = transfer.sha256 && formatHash(transfer.sha256);
    const report = { name, path, size, sha256, durationMs: Math.round(durationMs ?? 0), resumedBytes };
    const line = sha256 === undefined ? path : `${sha256}  ${path}`;
    context.output.print(options.isJson ? jsonLine(report) : line);
  });
}

/** Whoever reads gets the bytes only when all of them are there and verified: until then they lie in a folder of their own. */
async function getToStandardOutput(context: ScriptContext, options: GetOptions): Promise<ScriptResult> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-get-'));
  try {
    return await fetchFile(context, { ...options, to: join(folder, 'fetched') }, async (transfer) => {
      await context.output.pour(transfer.targetPath);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function fetchFile(
  context: ScriptContext,
  options: GetOptions,
  deliver: (transfer: Transfer) => void | Promise<void>,
): Promise<ScriptResult> {
  const { output } = context;
  let isAsking = false;
  const ask = async (question: string) => {
    isAsking = true;
    output.progress('');
    const answer = await context.ask(question);
    isAsking = false;
    return answer;
  };
  const { confirmAt } = options;
  const transfer = await withClient(context, options.nickname, async (client) => {
    // The question stays where it is until it is answered.
    followTransfers(client, output, () => isAsking);
    const { transfer, finished } = await client.download(options.name, options.to);
    if (confirmAt !== undefined) confirmOnTheWay(client, { number: transfer.number, confirmAt, ask });
    return finished;
  });
  output.progress('');
  if (transfer.state === 'completed') {
    await deliver(transfer);
    return DONE;
  }
  const { failure } = transfer;
  if (!failure) {
    const problem = 'the download was interrupted; what has arrived is kept: get it again to go on';
    return { exitCode: EXIT_CODES.interrupted, problem };
  }
  return { exitCode: exitCodeOfFailure(failure), problem: failure.message };
}
