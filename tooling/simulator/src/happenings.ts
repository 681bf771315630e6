import { createRandom, type LinkOptions } from '@parley/netsim';
import { Attacker } from './node/attacker.ts';
import { insecureSimulatorCrypto } from './node/insecure-crypto.ts';
import { type Happening, peerOf, type Side } from './plan/plan.ts';
import type { Run } from './run.ts';

const PERFECT: LinkOptions = { loss: 0, jitterMs: 0, duplicateRatio: 0, reorderRatio: 0, corruptRatio: 0 };
/** A queue in which one window fits. */
const QUEUE_BYTES_MIN = 65_536;

/** Puts everything that happens by itself on the clock of a run, and the end of all faults. */
export function startHappenings(run: Run): void {
  const { plan, simulation } = run;
  for (const happening of plan.happenings) {
    simulation.schedule(happening.atMs, () => happen(run, happening));
  }
  simulation.schedule(plan.faultsEndMs, () => endFaults(run));
}

function endFaults({ simulation, client, server }: Run): void {
  for (const to of ['client', 'server'] as const) {
    const path = { from: peerOf(to), to };
    const { queueBytesMax } = simulation.network.link(path).options;
    simulation.network.configure(path, {
      ...PERFECT,
      queueBytesMax: Math.max(QUEUE_BYTES_MIN, queueBytesMax),
    });
  }
  simulation.network.heal({ from: 'client', to: 'server' });
  client.driver.stopFaults();
  server.driver.stopFaults();
}

function happen(run: Run, happening: Happening): void {
  const { network, now } = run.simulation;
  switch (happening.kind) {
    case 'line-change':
      network.configure({ from: peerOf(happening.to), to: happening.to }, happening.changes);
      break;
    case 'partition':
      partition(run, happening);
      break;
    case 'sleep':
      run[happening.side].driver.sleepUntil(Math.max(now, happening.untilMs));
      break;
    case 'clock-jump':
      run[happening.side].driver.jumpClock(happening.jumpMs);
      break;
    case 'restart':
      run[happening.side].restart();
      break;
    case 'rebind':
      network.rebind('client', { host: happening.host, port: happening.port });
      break;
    case 'endpoint-close':
      run[happening.side].closeEndpoint();
      break;
    case 'syn-flood':
      flood(run, happening);
      break;
    case 'forgery':
      forge(run, happening);
      break;
  }
}

function partition({ simulation }: Run, happening: Happening & { kind: 'partition' }): void {
  const { direction, untilMs } = happening;
  const to: Side = direction === 'to-client' ? 'client' : 'server';
  const path = { from: peerOf(to), to };
  simulation.network.partition(path, direction === 'both' ? 'both' : 'one-way');
  simulation.schedule(Math.max(untilMs, simulation.now), () => simulation.network.heal(path));
}

function attackerOf({ plan, simulation }: Run, { atMs }: Happening): Attacker {
  const random = createRandom(`attacker ${plan.seed} ${atMs}`);
  return new Attacker(random, insecureSimulatorCrypto(random.fork(`crypto ${simulation.now}`)));
}

function flood(run: Run, happening: Happening & { kind: 'syn-flood' }): void {
  const { simulation, server } = run;
  const attacker = attackerOf(run, happening);
  for (let index = 0; index < happening.count; index += 1) {
    simulation.schedule(simulation.now + index * happening.everyMs, () => {
      const syn = attacker.syn(simulation.now, server.node.address);
      server.driver.handleForeignDatagram(simulation.now, attacker.strangerAddress(), syn);
    });
  }
}

function forge(run: Run, happening: Happening & { kind: 'forgery' }): void {
  const { simulation, sniffer } = run;
  const random = createRandom(`forger ${run.plan.seed} ${happening.atMs}`);
  const attacker = attackerOf(run, happening);
  for (let index = 0; index < happening.count; index += 1) {
    const to = random.pick(['client', 'server'] as const);
    const { seen } = sniffer;
    const options = {
      now: simulation.now,
      to,
      target: run[to].node.address,
      seen: seen.length === 0 ? undefined : random.pick(seen),
    };
    const source = random.chance(0.7) ? run[peerOf(to)].node.address : attacker.strangerAddress();
    run[to].driver.handleForeignDatagram(simulation.now, source, attacker.forge(happening.what, options));
  }
}
