import { parseRunOptions, type RunOptions, runUsage } from './run-options.ts';
import { scenarioNames } from './scenarios/scenarios.ts';

/** What the command line asks for. */
export type CommandLine = { readonly kind: 'scenarios'; readonly names: readonly string[] } | RunOptions;

/** What `--help` prints. */
export const usage = `npm run sim -- [SEED] [options]
${runUsage}  --trace            writes seed-N.pcap, seed-N.log and a qlog of each end to ./sim-traces
  --scenario NAME    runs a named scenario, or all of them; names: ${scenarioNames().join(', ')}
`;

/** Parses the arguments; throws an error that says what was expected. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const options = parseRunOptions(args);
  return options.kind === 'scenario' ? { kind: 'scenarios', names: scenarioChoice(options.name) } : options;
}

function scenarioChoice(name: string): readonly string[] {
  const names = scenarioNames();
  if (name === 'all') return names;
  if (names.includes(name)) return [name];
  throw new Error(`expected a scenario (all, ${names.join(', ')}), got ${name}`);
}
