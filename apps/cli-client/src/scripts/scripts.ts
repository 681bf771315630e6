import type { Transfer } from '@parley/client-core';
import { EXIT_CODES, exitCodeOfFailure } from '../exit-codes.ts';
import { formatHash } from '../view/format.ts';
import { ASCII_GLYPHS } from '../view/glyphs.ts';
import { Theme } from '../view/theme.ts';
import { transferLine } from '../view/transfer-line.ts';
import { DONE, type ScriptContext, type ScriptResult, withClient } from './script.ts';

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
