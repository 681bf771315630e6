import { runMain } from '@parley/programs';
import { parseRunOptions, runUsage } from '../run-options.ts';
import { type Simulator, simulate } from '../simulate.ts';
import { reportChatFailure } from './report-chat-failure.ts';

const usage = `npm run sim:chat -- [SEED] [options]
${runUsage}  --trace            writes chat-seed-N.log to ./sim-traces
`;

const simulator: Simulator = {
  workerUrl: new URL('./worker.ts', import.meta.url),
  tallyTitle: 'messages by what their author was told',
  reportFailure: reportChatFailure,
};

await runMain({ name: 'sim:chat', usage }, async (args) => {
  const options = parseRunOptions(args);
  if (options.kind === 'scenario') throw new Error('the chat has no scenarios');
  return simulate(options, simulator);
});
