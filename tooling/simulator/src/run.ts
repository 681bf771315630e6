import { createRandom, Simulation, SimulationError } from '@parley/netsim';
import type { Connection, ObserverFactory } from '@parley/rudp/core';
import type { Application } from './application/application.ts';
import { checkAcknowledgements } from './checkers/acknowledgements.ts';
import { AmplificationChecker } from './checkers/amplification.ts';
import { checkEconomy } from './checkers/economy.ts';
import { checkEnd } from './checkers/ends.ts';
import { HonestPacketsChecker } from './checkers/honest-packets.ts';
import { MemoryChecker } from './checkers/memory.ts';
import { type Violation, Violations } from './checkers/violations.ts';
import { startHappenings } from './happenings.ts';
import type { DriverObserver } from './node/driver.ts';
import { KeyStore, SideProcess } from './node/side-process.ts';
import { Sniffer } from './node/sniffer.ts';
import type { ConnectionPlan, Plan, Side } from './plan/plan.ts';
import { isPatient, LAST_CONNECTION_PLAN, timeAllowanceMs } from './plan/time-allowance.ts';
import { combinedObserver } from './report/combined-observer.ts';

/** What a run did. */
export interface RunResult {
  readonly plan: Plan;
  readonly violations: readonly Violation[];
  readonly simulatedMs: number;
  readonly datagrams: number;
  /** How the connections ended, by kind. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Takes part in a run without changing it. */
export interface RunRecorder {
  onStart(run: Run): void;
  /** Watches every connection of both sides. */
  readonly observe: ObserverFactory;
  onSent(atMs: number, from: Side, remote: { host: string; port: number }, bytes: Uint8Array): void;
  onEvent(atMs: number, side: Side, text: string): void;
}

const TRACE_RECORDS_MAX = 1000;

/** One run of a plan: both processes, the network, everything that happens, and the checkers. */
export class Run {
  readonly plan: Plan;
  readonly simulation: Simulation;
  readonly violations: Violations;
  readonly sniffer = new Sniffer();
  readonly client: SideProcess;
  readonly server: SideProcess;
  readonly amplification: AmplificationChecker;
  readonly #memory: MemoryChecker;
  readonly #observe: ObserverFactory | undefined;
  readonly #recorder: RunRecorder | undefined;
  readonly #indexByClientId = new Map<string, { index: number; plan: ConnectionPlan; client: Application }>();

  constructor(plan: Plan, recorder?: RunRecorder) {
    this.plan = plan;
    this.#recorder = recorder;
    this.simulation = new Simulation({
      seed: `run ${plan.seed}`,
      traceRecordsMax: recorder === undefined ? TRACE_RECORDS_MAX : 10_000_000,
    });
    this.violations = new Violations(() => this.simulation.now);
    this.amplification = new AmplificationChecker(this.violations);
    this.#memory = new MemoryChecker(this.violations);
    const keys = new KeyStore(createRandom(`keys ${plan.seed}`));
    this.#observe = combinedObserver([
      ...(plan.looksIntoPackets ? [new HonestPacketsChecker(this.violations).observe] : []),
      ...(recorder === undefined ? [] : [recorder.observe]),
    ]);
    const make = (side: Side) =>
      new SideProcess({
        side,
        simulation: this.simulation,
        plan,
        violations: this.violations,
        keys,
        observer: this.#observer(side),
        observe: this.#observe,
        adopt: (connection) => this.#adopt(connection),
      });
    this.client = make('client');
    this.server = make('server');
    const { network } = this.simulation;
    network.configure({ from: 'client', to: 'server' }, plan.links.toServer);
    network.configure({ from: 'server', to: 'client' }, plan.links.toClient);
  }

  /** Runs everything and returns what was found. */
  execute(): RunResult {
    this.#recorder?.onStart(this);
    try {
      this.#execute();
    } catch (error) {
      this.#noteError(error);
    }
    const { plan, simulation, violations } = this;
    return {
      plan,
      violations: violations.all,
      simulatedMs: simulation.now,
      datagrams: simulation.trace.datagramCount,
      ends: this.#countEnds(),
    };
  }

  /** Opens a connection of the plan. */
  open(index: number, plan: ConnectionPlan): void {
    this.client.driver.act(() => {
      const client = this.client.connect(index, plan, this.server);
      this.#indexByClientId.set(client.connection.localId, { index, plan, client });
    });
  }

  #execute(): void {
    const { plan, simulation } = this;
    startHappenings(this);
    for (const [index, connection] of plan.connections.entries()) {
      simulation.schedule(connection.openAtMs, () => this.open(index, connection));
    }
    simulation.run({ limitMs: timeAllowanceMs(plan) });
    this.#checkRest();
    // Whatever happened before, the two sides must be able to talk again.
    this.open(plan.connections.length, LAST_CONNECTION_PLAN);
    simulation.run({ limitMs: timeAllowanceMs({ ...plan, connections: [LAST_CONNECTION_PLAN] }) });
    this.#checkRest();
    this.#checkLast();
  }

  #checkRest(): void {
    for (const { side, driver, applications, dead } of [this.client, this.server]) {
      for (const application of applications) {
        if (dead.has(application)) continue;
        checkEnd(this.violations, this.plan, application);
        const statistics = application.connection.statistics();
        checkEconomy(this.violations, application.name, statistics, this.plan.configs[side]);
        const { end } = application.connection;
        this.violations.require(
          end?.kind !== 'finished' || application.hasReadEverything,
          'liveness',
          () => `${application.name}: the application never came to the end of the stream`,
        );
      }
      const { connectionCount } = driver.endpoint;
      this.violations.require(
        connectionCount === 0 && driver.endpoint.pollDeadline() === undefined,
        'leak',
        () => `${side}: ${connectionCount} connections, a deadline at ${driver.endpoint.pollDeadline()}`,
      );
    }
  }

  #checkLast(): void {
    if (!isPatient(this.plan)) return;
    for (const { side, applications } of [this.client, this.server]) {
      const end = applications.at(-1)?.connection.end;
      this.violations.require(
        end?.kind === 'finished',
        'new connection',
        () => `${side}: a connection after all faults ended with ${JSON.stringify(end)}`,
      );
    }
  }

  #observer(side: Side): DriverObserver {
    const isServer = side === 'server';
    return {
      onSent: (remote, bytes) => {
        this.sniffer.onSent(remote, bytes);
        if (isServer) this.amplification.onSent(remote, bytes.length);
        this.#recorder?.onSent(this.simulation.now, side, remote, bytes);
      },
      onReceived: (remote, bytes) => {
        if (isServer) this.amplification.onReceived(remote, bytes.length);
      },
      onEvent: (event) => {
        const { type, connection } = event;
        // By now the client may have moved on from the address that its handshake has proved.
        if (type === 'connection-accepted')
          this.amplification.onValidated(
            this.sniffer.provedAddressOf(connection.localId) ?? connection.remote,
          );
        if (type === 'migrated') this.amplification.onValidated(connection.remote);
        this.#recorder?.onEvent(this.simulation.now, side, describeEvent(event));
      },
      onHandled: () => {
        this.#memory.sample(this.#liveConnections(side));
        for (const application of this.client.applications)
          checkAcknowledgements(this.violations, application);
        for (const application of this.server.applications)
          checkAcknowledgements(this.violations, application);
      },
    };
  }

  *#liveConnections(side: Side) {
    const config = this.plan.configs[side];
    for (const { connection } of this[side].applications) {
      if (connection.state !== 'closed') yield [connection, config] as const;
    }
  }

  /** Finds out which planned connection has arrived at the server. */
  #adopt(connection: Connection): Application | undefined {
    const clientId = this.sniffer.clientIdOf(connection.localId);
    const known = clientId === undefined ? undefined : this.#indexByClientId.get(clientId);
    if (known === undefined) return undefined;
    const { index, plan, client } = known;
    const server = this.server.run(index, plan, connection);
    server.peer = client;
    client.peer = server;
    return server;
  }

  #noteError(error: unknown): void {
    if (error instanceof SimulationError) {
      this.violations.add('liveness', error.message);
      for (const { connection, name } of [...this.client.applications, ...this.server.applications]) {
        if (connection.state === 'closed') continue;
        this.violations.add(
          'liveness',
          `${name}: ${connection.state} ${JSON.stringify(connection.statistics())}`,
        );
      }
    } else this.violations.addException(error);
  }

  #countEnds(): Record<string, number> {
    const ends: Record<string, number> = {};
    for (const { connection } of [...this.client.applications, ...this.server.applications]) {
      const kind = connection.end?.kind ?? 'died';
      ends[kind] = (ends[kind] ?? 0) + 1;
    }
    return ends;
  }
}

function describeEvent(event: { type: string; connection: Connection; end?: unknown }): string {
  const end = event.end === undefined ? '' : ` ${JSON.stringify(event.end)}`;
  return `${event.type} ${event.connection.localId} ${event.connection.state}${end}`;
}
