import { parseArgs } from 'node:util';
import { runContest } from './contest.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import type { Place } from './link/place.ts';
import { parseProfile } from './link/profile.ts';
import type { Peer } from './peers/peer.ts';
import { findPeer, peerNames } from './peers/registry.ts';

const usage = `usage: npm run bench:fairness -- [--profile rate=50,rtt=50,queue=1bdp] [options]

Flows that share one emulated link, which needs what bench:link needs. Prints a line of JSON for each contest.
  --flows LIST    contests, flows joined by + in the order of their starts
                  (parley+parley,parley+tcp-cubic,tcp-cubic+parley,parley+tcp-bbr,tcp-bbr+parley)
  --lead N        seconds from one start to the next (1)
  --seconds N     seconds with all of them (20)      --reps N    repetitions (1)
A flow is one of ${peerNames.filter((name) => name !== 'kcptun').join(', ')}
`;

const portFirst = 7101;
const portsEach = 4;

async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'rate=50,rtt=50,queue=1bdp' },
      flows: {
        type: 'string',
        default: 'parley+parley,parley+tcp-cubic,tcp-cubic+parley,parley+tcp-bbr,tcp-bbr+parley',
      },
      lead: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '20' },
      reps: { type: 'string', default: '1' },
      modules: { type: 'string', default: '.' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const numberOf = (name: 'lead' | 'seconds' | 'reps', minimum: number): number => {
    const value = Number(values[name]);
    if (!(value >= minimum && value <= 600))
      throw new Error(`expected --${name} from ${minimum} to 600, got ${values[name]}`);
    return value;
  };
  const [leadSeconds, seconds, repetitions] = [
    numberOf('lead', 0),
    numberOf('seconds', 1),
    numberOf('reps', 1),
  ];
  const link = await startEmulatedLink(parseProfile(values.profile));
  const stopAtOnce = () => void link.stop().then(() => process.exit(130));
  process.on('SIGINT', stopAtOnce).on('SIGTERM', stopAtOnce);
  try {
    const contests = values.flows.split(',').map((names) => peersOf(names, link, values.modules));
    for (let repetition = 1; repetition <= repetitions; repetition += 1) {
      for (const peers of contests) {
        const result = await runContest(peers, { place: link, seconds, leadSeconds, repetition });
        process.stdout.write(`${JSON.stringify(result)}\n`);
      }
    }
  } finally {
    await link.stop();
  }
}

/** Each on ports of its own. */
function peersOf(names: string, place: Place, modulesFolder: string): Peer[] {
  return names.split('+').map((name, index) => {
    if (!peerNames.includes(name))
      throw new Error(`expected flows out of ${peerNames.join(', ')}, got ${name}`);
    const port = portFirst + portsEach * index;
    const peer = findPeer(name, { place, port, modulesFolder, bytes: undefined, commands: new Map() });
    if ('missing' in peer) throw new Error(`${name} is missing: ${peer.missing}`);
    return peer;
  });
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:fairness: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
