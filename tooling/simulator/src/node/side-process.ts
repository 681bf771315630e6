import { createRandom, type Random, type SimulatedNode, type Simulation } from '@parley/netsim';
import { nodeCryptoProvider } from '@parley/rudp';
import {
  type Connection,
  type CryptoProvider,
  Endpoint,
  type EndpointEvent,
  type ObserverFactory,
  type PreSharedKey,
} from '@parley/rudp/core';
import { Application, type ApplicationHost } from '../application/application.ts';
import type { Violations } from '../checkers/violations.ts';
import type { ConnectionPlan, Plan, Side } from '../plan/plan.ts';
import type { DriverObserver } from './driver.ts';
import { Driver } from './driver.ts';
import { insecureSimulatorCrypto } from './insecure-crypto.ts';
import { Mangler } from './mangler.ts';

const RESET_SECRET_BYTES = 32;

/** One side of a run: its machine, the process on it, and the applications in the process. */
export class SideProcess {
  readonly side: Side;
  readonly driver: Driver;
  readonly node: SimulatedNode<Driver>;
  /** Every application that ever ran here, those of dead processes included. */
  readonly applications: Application[] = [];
  /** Connections that died with their process. */
  readonly dead = new Set<Application>();
  readonly #byConnection = new Map<Connection, Application>();
  readonly #simulation: Simulation;
  readonly #plan: Plan;
  readonly #crypto: CryptoProvider;
  readonly #resetSecret: Uint8Array;
  readonly #violations: Violations;
  readonly #keys: KeyStore;
  readonly #observe: ObserverFactory | undefined;
  readonly #adopt: (connection: Connection) => Application | undefined;
  #generation = 0;

  constructor(options: {
    side: Side;
    simulation: Simulation;
    plan: Plan;
    violations: Violations;
    keys: KeyStore;
    observer: DriverObserver;
    /** Watches every connection of the process. */
    observe: ObserverFactory | undefined;
    /** The application for a connection that arrives. */
    adopt: (connection: Connection) => Application | undefined;
  }) {
    const { side, simulation, plan, observer } = options;
    this.side = side;
    this.#simulation = simulation;
    this.#plan = plan;
    this.#violations = options.violations;
    this.#keys = options.keys;
    this.#observe = options.observe;
    this.#adopt = options.adopt;
    const random = createRandom(`${side} ${plan.seed}`);
    this.#crypto = cryptoOf(plan, random.fork('crypto'));
    this.#resetSecret = random.fork('reset secret').bytes(RESET_SECRET_BYTES);
    this.driver = new Driver({
      endpoint: this.#makeEndpoint(),
      plan: plan.drivers[side],
      random: random.fork('driver'),
      mangler: new Mangler(plan.mangling[side], random.fork('mangler')),
      observer: { ...observer, onEvent: (event) => this.#checkEvent(event, observer) },
    });
    this.node = simulation.addEndpoint(side, this.driver, { onEvent: (event) => this.#handleEvent(event) });
  }

  /** The process's clock. */
  get now(): number {
    return this.driver.localTime(this.#simulation.now);
  }

  /** Opens a planned connection to `target`. */
  connect(index: number, plan: ConnectionPlan, target: SideProcess): Application {
    const connection = this.driver.endpoint.connect(this.now, target.node.address, {
      preSharedKey: this.#plan.asksForKeys ? this.#keys.keyFor(index, plan.key) : undefined,
    });
    const application = this.run(index, plan, connection);
    if (plan.client.startsEarly) application.start();
    return application;
  }

  /** Starts the application of a connection. */
  run(index: number, plan: ConnectionPlan, connection: Connection): Application {
    const host = this.#host();
    const options = { side: this.side, index, connection, plan, host, violations: this.#violations };
    const application = new Application(options);
    this.applications.push(application);
    this.#byConnection.set(connection, application);
    return application;
  }

  applicationOf(connection: Connection): Application | undefined {
    return this.#byConnection.get(connection);
  }

  /** The process dies without a word, and another one starts on the same address. */
  restart(): void {
    this.#generation += 1;
    for (const application of this.applications) {
      if (application.connection.end !== undefined) continue;
      application.isDead = true;
      this.dead.add(application);
    }
    this.driver.replaceEndpoint(this.#makeEndpoint());
  }

  /** The program closes its endpoint. */
  closeEndpoint(): void {
    this.driver.act(() => this.driver.endpoint.close(this.now));
  }

  #makeEndpoint(): Endpoint {
    const { side } = this;
    const isServer = side === 'server';
    return new Endpoint({
      crypto: this.#crypto,
      config: this.#plan.configs[side],
      acceptsConnections: isServer,
      ...(isServer && this.#plan.keepsResetSecret ? { resetSecret: this.#resetSecret } : {}),
      ...(this.#observe === undefined ? {} : { observe: this.#observe }),
      ...(isServer && this.#plan.asksForKeys
        ? { acceptPreSharedKey: (identity: Uint8Array) => this.#keys.accept(identity) }
        : {}),
    });
  }

  #host(): ApplicationHost {
    const generation = this.#generation;
    const process = this;
    return {
      get now() {
        return process.now;
      },
      schedule: (delayMs, action) => {
        this.#simulation.schedule(this.#simulation.now + delayMs, () => {
          if (generation === this.#generation) this.driver.act(action);
        });
      },
    };
  }

  #checkEvent(event: EndpointEvent, observer: DriverObserver): void {
    observer.onEvent(event);
    const { connection } = event;
    const application = this.#byConnection.get(connection) ?? this.#adopt(connection);
    if (application === undefined) this.#violations.add('pairing', `${this.side}: a connection from nowhere`);
    if (application !== undefined && event.type === 'closed') application.endedAtMs = this.#simulation.now;
    application?.checkEvent(event);
  }

  #handleEvent(event: EndpointEvent): void {
    this.#byConnection.get(event.connection)?.handleEvent(event);
  }
}

/** Single-use pre-shared keys, one for each connection of a run. */
export class KeyStore {
  readonly #random: Random;
  readonly #keys = new Map<string, PreSharedKey>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** What a client brings. */
  keyFor(index: number, which: ConnectionPlan['key']): PreSharedKey | undefined {
    if (which === 'none') return undefined;
    const random = this.#random.fork(`key ${index}`);
    const key = { identity: random.bytes(16), key: random.bytes(32) };
    if (which === 'right') this.#keys.set(Buffer.from(key.identity).toString('hex'), key);
    return key;
  }

  /** What the server knows of an identity. */
  accept(identity: Uint8Array): { key: Uint8Array; consume: () => void } | undefined {
    const name = Buffer.from(identity).toString('hex');
    const known = this.#keys.get(name);
    return known === undefined ? undefined : { key: known.key, consume: () => this.#keys.delete(name) };
  }
}

function cryptoOf(plan: Plan, random: Random): CryptoProvider {
  if (plan.crypto === 'insecure') return insecureSimulatorCrypto(random);
  return { ...nodeCryptoProvider, randomBytes: (count) => random.bytes(count) };
}
