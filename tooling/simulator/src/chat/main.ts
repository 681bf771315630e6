import { parseRunOptions, runUsage } from '../run-options.ts';
import { runProgram, type Simulator, simulate } from '../simulate.ts';
import { reportChatFailure } from './report-chat-failure.ts';

const usage = `npm run sim:chat -- [SEED] [options]
${runUsage}  --trace            writes chat-seed-N.log to ./sim-traces
`;

const simulator: Simulator = {
  workerUrl: new URL('./worker.ts', import.meta.url),
  tallyTitle: 'messages by what their author was told',
  reportFailure: reportChatFailure,
};

await runProgram('sim:chat', usage, async () => {
  const options = parseRunOptions(process.argv.slice(2));
  if (options.kind === 'runs') return simulate(options, simulator);
  if (options.kind === 'scenario') throw new Error('the chat has no scenarios');
  process.stdout.write(usage);
  return true;
});
