import { describeSessionEnd, type Transfer } from '@parley/client-core';
import { EXIT_CODES, exitCodeOfFailure } from '../exit-codes.ts';
import { formatBytes, formatHash } from '../view/format.ts';
import { ASCII_GLYPHS } from '../view/glyphs.ts';
import { Theme } from '../view/theme.ts';
import { transferLine } from '../view/transfer-line.ts';
import { confirmOnTheWay } from './confirmation.ts';
import { DONE, type ScriptContext, type ScriptResult, withClient } from './script.ts';

/** Downloads one file; prints its SHA-256 and its path in the form that `sha256sum -c` reads. */
export async function get(
  context: ScriptContext,
  options: {
    readonly name: string;
    readonly nickname: string;
    readonly to: string | undefined;
    readonly confirmAt: number | undefined;
  },
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
    const tell = createTeller(output);
    client.on('transfer-changed', ({ transfer }) => {
      tell(transfer);
      // The question stays where it is until it is answered.
      if (!isAsking) output.progress(progressText(transfer, output.progressColumns));
    });
    client.on('connection-lost', ({ end, retryAfterMs }) => {
      const words = describeSessionEnd(end);
      output.note(`${words}; trying again in ${Math.ceil(retryAfterMs / 1000)} s`);
    });
    const { transfer, finished } = await client.download(options.name, options.to);
    if (confirmAt !== undefined) confirmOnTheWay(client, { number: transfer.number, confirmAt, ask });
    return finished;
  });
  output.progress('');
  if (transfer.state === 'completed') {
    output.print(`${formatHash(transfer.sha256 ?? new Uint8Array())}  ${transfer.targetPath}`);
    return DONE;
  }
  const { failure } = transfer;
  if (!failure) {
    const problem = 'the download was interrupted; what has arrived is kept: get it again to go on';
    return { exitCode: EXIT_CODES.interrupted, problem };
  }
  return { exitCode: exitCodeOfFailure(failure), problem: failure.message };
}

/** Tells what a bar does not show: where a download goes on, what interrupts it, and that the file is another one. */
// CHAT-RESUME-3
function createTeller(output: ScriptContext['output']): (transfer: Transfer) => void {
  let previous: Transfer | undefined;
  return (transfer) => {
    const { state, resumedBytes, changesSeen, size, failure } = transfer;
    if (resumedBytes > (previous?.resumedBytes ?? 0)) {
      const total = size === undefined ? '' : ` of ${formatBytes(size)}`;
      output.note(`going on with what is here: ${formatBytes(resumedBytes)}${total}`);
    }
    if (changesSeen > (previous?.changesSeen ?? 0)) {
      output.note('the file has changed on the server: only what differs is fetched');
    }
    if (state === 'interrupted' && previous?.state !== 'interrupted' && failure !== undefined) {
      output.note(`interrupted: ${failure.message}`);
    }
    previous = transfer;
  };
}

function progressText(transfer: Transfer, columns: number): string {
  return new Theme({ hasColors: false }).paint(transferLine(transfer, columns, ASCII_GLYPHS), columns);
}
