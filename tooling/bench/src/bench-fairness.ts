import { parseArgs } from 'node:util';
import { parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { runContest } from './contest.ts';
import { printMeasurement } from './json-lines.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import type { Place } from './link/place.ts';
import { parseProfile } from './link/profile.ts';
import type { Peer } from './peers/peer.ts';
import { findPeer, peerNames } from './peers/registry.ts';

/** A tunnel takes more ports than a flow has here, and shares them with nobody. */
const flowNames = peerNames.filter((name) => name !== 'kcptun');

const usage = `usage: npm run bench:fairness -- [--profile rate=50,rtt=50,queue=1bdp] [options]

Flows that share one emulated link, which needs what bench:link needs. Prints a line of JSON for each contest.
  --flows LIST    contests, flows joined by + in the order of their starts
                  (parley+parley,parley+tcp-cubic,tcp-cubic+parley,parley+tcp-bbr,tcp-bbr+parley)
  --lead N        seconds from one start to the next (1)
  --seconds N     seconds with all of them (20)      --reps N    repetitions (1)
A flow is one of ${flowNames.join(', ')}
`;

const PORT_FIRST = 7101;
const PORTS_EACH = 4;

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
    },
  });
  const leadSeconds = parseNumber('lead', values.lead, { min: 0, max: 600 });
  const seconds = parseNumber('seconds', values.seconds, { min: 1, max: 600 });
  const repetitions = parseCount('reps', values.reps, { max: 600 });
  const flows = values.flows
    .split(',')
    .map((names) => parseNames('flows', names.replaceAll('+', ','), flowNames));
  const link = await startEmulatedLink(parseProfile(values.profile));
  try {
    const contests = flows.map((names) => peersOf(names, link, values.modules));
    for (let repetition = 1; repetition <= repetitions; repetition += 1) {
      for (const peers of contests) {
        const identity = { flows: peers.map(({ name }) => name).join('+'), profile: link.name, repetition };
        const run = { place: link, seconds, leadSeconds, repetition };
        await printMeasurement(identity, () => runContest(peers, run));
      }
    }
  } finally {
    await link.stop();
  }
}

/** Each on ports of its own. */
function peersOf(names: readonly string[], place: Place, modulesFolder: string): Peer[] {
  return names.map((name, index) => {
    const port = PORT_FIRST + PORTS_EACH * index;
    const peer = findPeer(name, { place, port, modulesFolder, bytes: undefined, commands: new Map() });
    if ('missing' in peer) throw new Error(`${name} is missing: ${peer.missing}`);
    return peer;
  });
}

await runMain({ name: 'bench:fairness', usage }, run);
