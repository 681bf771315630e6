import { EXIT_CODES, exitCodeOfFailure } from '../exit-codes.ts';
import { formatHash } from '../view/format.ts';
import { confirmOnTheWay } from './confirmation.ts';
import { DONE, type ScriptContext, type ScriptResult, withClient } from './script.ts';
import { followTransfers } from './transfer-progress.ts';

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
    // The question stays where it is until it is answered.
    followTransfers(client, output, () => isAsking);
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
