import { parseArgs } from 'node:util';
import { parseCount, parseNumber } from '@parley/programs';

/** What a run does. */
export interface Settings {
  readonly megabytes: number;
  /** Of each end. */
  readonly kills: number;
  readonly seed: string;
  /** The file is a hole: bytes 0 that take no room. */
  readonly isSparse: boolean;
  /** Both ends log every packet, and the report says where bytes went. */
  readonly hasAccount: boolean;
  /** Of the relay between the two ends; undefined when they reach each other by themselves. */
  readonly megabitsPerSecond: number | undefined;
  /** Where the server listens. */
  readonly host: string;
  /** Put before the command of each end, such as `ip netns exec parley-a`. */
  readonly serverPrefix: readonly string[];
  readonly clientPrefix: readonly string[];
}

/** How to call the program. */
export const usage = `usage: npm run test:kill9-transfers -- [options]

Downloads one file while both ends are killed (SIGKILL) again and again, checks the file, and prints what it cost as JSON.

  --megabytes N            size of the file (default: 1000)
  --kills N                of each end (default: 50)
  --seed TEXT              decides the moments of the kills (default: 1)
  --rate MBITS             of the relay between the ends (default: 150); 0 for none, then nothing is counted
  --sparse                 a file of zeros that takes no room at the server
  --account                has both ends log every packet, which slows them, and says where bytes went
  --host ADDRESS           where the server listens (default: 127.0.0.1)
  --server-prefix COMMAND  put before the server's command; with a prefix there is no relay
  --client-prefix COMMAND  put before the client's command

A file above 4 GiB:
  npm run test:kill9-transfers -- --megabytes 4400 --sparse --kills 2 --rate 0

Over an emulated link:
  node tooling/bench/src/with-link.ts rate=200,rtt=40,loss=1 -- npm run test:kill9-transfers -- --host 10.77.0.1 \\
    --server-prefix "ip netns exec parley-a" --client-prefix "ip netns exec parley-b"
`;

/** Reads the arguments; throws with words for a person. */
export function parseSettings(args: readonly string[]): Settings {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      megabytes: text('1000'),
      kills: text('50'),
      seed: text('1'),
      rate: text('150'),
      host: text('127.0.0.1'),
      sparse: { type: 'boolean', default: false },
      account: { type: 'boolean', default: false },
      'server-prefix': text(''),
      'client-prefix': text(''),
    },
  });
  const serverPrefix = wordsOf(values['server-prefix']);
  const rate = parseCount('rate', values.rate, { min: 0, max: 100_000 });
  return {
    megabytes: parseNumber('megabytes', values.megabytes, { min: 0.001, max: 1e6 }),
    kills: parseCount('kills', values.kills, { min: 0, max: 100_000 }),
    seed: values.seed,
    isSparse: values.sparse,
    hasAccount: values.account,
    megabitsPerSecond: serverPrefix.length > 0 ? undefined : rate || undefined,
    host: values.host,
    serverPrefix,
    clientPrefix: wordsOf(values['client-prefix']),
  };
}

function wordsOf(command: string): string[] {
  return command.split(' ').filter((word) => word !== '');
}
