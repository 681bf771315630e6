import type { Transfer } from '@parley/client-core';
import { EXIT_CODES, exitCodeOfFailure } from '../exit-codes.ts';
import { formatHash } from '../view/format.ts';
import { ASCII_GLYPHS } from '../view/glyphs.ts';
import { Theme } from '../view/theme.ts';
import { transferLine } from '../view/transfer-line.ts';
import { type ScriptContext, withClient } from './script.ts';

/** How a script ended. */
export interface ScriptResult {
  readonly exitCode: number;
  /** For stderr, when it did not end well. */
  readonly problem?: string;
}

const DONE: ScriptResult = { exitCode: EXIT_CODES.success };

/** Says one thing to the room; done when the server has it. */
export async function say(
  context: ScriptContext,
  options: { readonly text: string; readonly nickname: string },
): Promise<ScriptResult> {
  await withClient(context, options.nickname, (client) => client.say(options.text));
  return DONE;
}

/** Prints who is in the room, one nickname a line. */
export async function users(context: ScriptContext): Promise<ScriptResult> {
  const list = await withClient(context, undefined, (client) => client.users());
  for (const { nickname } of list) context.output.print(nickname);
  return DONE;
}

/** Prints the files: size in bytes, time of change (ISO 8601, UTC) and name, separated by tabs. */
export async function files(context: ScriptContext): Promise<ScriptResult> {
  const list = await withClient(context, undefined, (client) => client.files());
  for (const { name, size, modifiedAt } of list) {
    context.output.print(`${size}\t${new Date(modifiedAt).toISOString()}\t${name}`);
  }
  return DONE;
}

/** Downloads one file; prints its SHA-256 and its path in the form that `sha256sum -c` reads. */
export async function get(
  context: ScriptContext,
  options: { readonly name: string; readonly nickname: string; readonly to: string | undefined },
): Promise<ScriptResult> {
  const { output } = context;
  const transfer = await withClient(context, options.nickname, async (client) => {
    client.on('transfer-changed', ({ transfer }) =>
      output.progress(progressText(transfer, output.progressColumns)),
    );
    const { finished } = await client.download(options.name, options.to);
    return finished;
  });
  output.progress('');
  if (transfer.state === 'completed') {
    output.print(`${formatHash(transfer.sha256 ?? new Uint8Array())}  ${transfer.targetPath}`);
    return DONE;
  }
  const { failure } = transfer;
  if (!failure) return { exitCode: EXIT_CODES.interrupted, problem: 'the download was cancelled' };
  return { exitCode: exitCodeOfFailure(failure), problem: failure.message };
}

function progressText(transfer: Transfer, columns: number): string {
  return new Theme({ hasColors: false }).paint(transferLine(transfer, columns, ASCII_GLYPHS), columns);
}
