import { createRandom, type DatagramTrain, Simulation } from '@parley/netsim';
import {
  type CongestionControllerName,
  type Connection,
  Endpoint,
  type EndpointEvent,
} from '../../src/core/index.ts';
import { cheapCrypto } from './seeded-crypto.ts';
import { StreamApplication } from './stream-application.ts';

/** Several endpoints behind one address, so that what they send shares one link. A packet is for whoever knows its connection. */
class SharedHost {
  readonly #endpoints: readonly Endpoint[];

  constructor(endpoints: readonly Endpoint[]) {
    this.#endpoints = endpoints;
  }

  handleDatagram(now: number, remote: { host: string; port: number }, bytes: Uint8Array): void {
    for (const endpoint of this.#endpoints) endpoint.handleDatagram(now, remote, bytes.slice());
  }

  handleDeadline(now: number): void {
    for (const endpoint of this.#endpoints) {
      if ((endpoint.pollDeadline() ?? Number.POSITIVE_INFINITY) <= now) endpoint.handleDeadline(now);
    }
  }

  pollDeadline(): number | undefined {
    const deadlines = this.#endpoints.flatMap((endpoint) => endpoint.pollDeadline() ?? []);
    return deadlines.length === 0 ? undefined : Math.min(...deadlines);
  }

  pollTransmit(now: number, buffer: Uint8Array<ArrayBuffer>): DatagramTrain | undefined {
    return this.#first((endpoint) => endpoint.pollTransmit(now, buffer));
  }

  pollEvent(): EndpointEvent | undefined {
    return this.#first((endpoint) => endpoint.pollEvent());
  }

  #first<Value>(poll: (endpoint: Endpoint) => Value | undefined): Value | undefined {
    for (const endpoint of this.#endpoints) {
      const value = poll(endpoint);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** Flows of the real transport that start one after another and send without end through one bottleneck. */
export class SharedBottleneck {
  readonly #simulation: Simulation;
  readonly #receivers: StreamApplication[] = [];
  readonly #senders = new Map<Connection, StreamApplication>();

  constructor(options: {
    readonly seed: number;
    readonly controllers: readonly CongestionControllerName[];
    readonly rateMbps: number;
    readonly rttMs: number;
    readonly queueBytes: number;
    /** Time between the starts of two flows; two round trips unless told. */
    readonly leadMs?: number | undefined;
  }) {
    const random = createRandom(options.seed);
    const endpoint = (congestionController: CongestionControllerName, index: number) =>
      new Endpoint({
        crypto: cheapCrypto(random.fork(`endpoint ${index}`)),
        config: { congestionController },
        acceptsConnections: index < 0,
      });
    const simulation = new Simulation({ seed: options.seed, defaultLink: { delayMs: options.rttMs / 2 } });
    const senders = options.controllers.map(endpoint);
    const onEvent = (event: EndpointEvent) => this.#handleEvent(event);
    simulation.addEndpoint('senders', new SharedHost(senders), { onEvent });
    // It sends acknowledgements and grants only: nothing to control.
    const receiver = simulation.addEndpoint('receiver', endpoint('fixed-window', -1), { onEvent });
    const { rateMbps, queueBytes } = options;
    const bottleneck = { rateBitsPerSecond: rateMbps * 1e6, queueBytesMax: queueBytes };
    simulation.network.configure({ from: 'senders', to: 'receiver' }, bottleneck);
    for (const [index, sender] of senders.entries()) {
      // Far enough apart that they are accepted in this order.
      simulation.schedule((options.leadMs ?? 2 * options.rttMs) * index, () =>
        sender.connect(simulation.now, receiver.address),
      );
    }
    this.#simulation = simulation;
  }

  run(untilMs: number): void {
    this.#simulation.run({ untilMs });
  }

  /** Stream bytes that each flow has delivered so far. */
  get deliveredBytes(): number[] {
    return this.#receivers.map(({ receivedBytes }) => receivedBytes);
  }

  #handleEvent({ type, connection }: EndpointEvent): void {
    if (type === 'connection-accepted') {
      this.#receivers.push(new StreamApplication(connection, { finishes: 'never' }));
    } else if (type === 'connection-established') {
      const sender = new StreamApplication(connection, { sends: 1e12, finishes: 'never' });
      this.#senders.set(connection, sender);
      sender.write();
    } else if (type === 'writable') {
      this.#senders.get(connection)?.write();
    } else if (type === 'readable') {
      this.#receivers.find((receiver) => receiver.connection === connection)?.read();
    }
  }
}
