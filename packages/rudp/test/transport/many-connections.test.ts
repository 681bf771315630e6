import { createRandom, type LinkOptions, Simulation } from '@parley/netsim';
import { describe, expect, test } from 'vitest';
import { type Connection, Endpoint, type EndpointEvent } from '../../src/core/index.ts';
import { cheapCrypto } from '../support/seeded-crypto.ts';
import { type ApplicationOptions, StreamApplication } from '../support/stream-application.ts';

const DELAY_MS = 10;

/** An endpoint whose every connection has an application of its own. */
class Host {
  readonly endpoint: Endpoint;
  readonly applications = new Map<Connection, StreamApplication>();
  readonly ends: string[] = [];
  readonly #application: ApplicationOptions;

  constructor(endpoint: Endpoint, application: ApplicationOptions) {
    this.endpoint = endpoint;
    this.#application = application;
  }

  readonly onEvent = (event: EndpointEvent): void => {
    const { connection } = event;
    if (event.type === 'connection-accepted' || event.type === 'connection-established') {
      const application = new StreamApplication(connection, this.#application);
      this.applications.set(connection, application);
      application.write();
    }
    const application = this.applications.get(connection);
    if (event.type === 'readable') application?.read();
    if (event.type === 'writable') application?.write();
    if (event.type === 'closed') this.ends.push(event.end.kind);
  };
}

/** One listener and one endpoint of many clients, on a path with some of every fault. */
function openHosts(
  seed: string,
  link: LinkOptions = { delayMs: DELAY_MS, jitterMs: 2, loss: 0.01 },
  finishes: ApplicationOptions['finishes'] = 'after-reading',
) {
  const random = createRandom(seed);
  const simulation = new Simulation({ seed, defaultLink: link });
  const server = new Host(
    new Endpoint({ crypto: cheapCrypto(random.fork('server')), acceptsConnections: true }),
    { sends: 3000, finishes },
  );
  const clients = new Host(
    new Endpoint({ crypto: cheapCrypto(random.fork('clients')), acceptsConnections: false }),
    { sends: 500 },
  );
  const serverNode = simulation.addEndpoint('server', server.endpoint, { onEvent: server.onEvent });
  simulation.addEndpoint('clients', clients.endpoint, { onEvent: clients.onEvent });
  const connect = () => clients.endpoint.connect(simulation.now, serverNode.address);
  return { simulation, server, clients, connect };
}

describe('two thousand connections on one endpoint', () => {
  test('all get their bytes, all end, and nothing is left of them', { timeout: 60_000 }, () => {
    const { simulation, server, clients, connect } = openHosts('two thousand');
    const count = 2000;
    for (let index = 0; index < count; index += 1) simulation.schedule(index, () => void connect());
    simulation.run();
    for (const host of [server, clients]) {
      expect(host.ends.filter((kind) => kind === 'finished')).toHaveLength(count);
      expect(host.endpoint.connectionCount).toBe(0);
      expect(host.endpoint.pollDeadline()).toBeUndefined();
    }
    for (const application of clients.applications.values()) expect(application.receivedBytes).toBe(3000);
    for (const application of server.applications.values()) expect(application.receivedBytes).toBe(500);
  });

  test('in flight at the same time are served in turn: none waits for another to finish', () => {
    const { simulation, clients, connect } = openHosts('in turn', { delayMs: DELAY_MS });
    const count = 200;
    for (let index = 0; index < count; index += 1) connect();
    simulation.run({ untilMs: 8 * DELAY_MS });
    const received = [...clients.applications.values()].map(({ receivedBytes }) => receivedBytes);
    expect(received).toEqual(Array.from({ length: count }, () => 3000));
  });
});

describe('what ends otherwise leaves nothing behind either', () => {
  test('half of the clients vanish, a quarter resets, the rest finishes', () => {
    const { simulation, server, clients, connect } = openHosts('vanish');
    const connections = Array.from({ length: 200 }, () => connect());
    simulation.run({ untilMs: 2.5 * DELAY_MS });
    connections.forEach((connection, index) => {
      if (index % 4 === 0) connection.reset(simulation.now, 0x100 + index);
      // The test takes these connections off the network: nobody answers for them any more.
      if (index % 4 === 1 || index % 4 === 2) connection.abandon(simulation.now, { kind: 'endpoint-closed' });
    });
    simulation.run();
    expect([server.endpoint.connectionCount, server.endpoint.pollDeadline()]).toEqual([0, undefined]);
    expect([clients.endpoint.connectionCount, clients.endpoint.pollDeadline()]).toEqual([0, undefined]);
    const kinds = new Set(server.ends);
    expect(kinds).toEqual(new Set(['finished', 'reset-by-peer', 'idle-timed-out']));
  });

  test('an endpoint that is closed with hundreds of open connections tells all of them', () => {
    const { simulation, server, clients, connect } = openHosts('closed', { delayMs: DELAY_MS }, 'never');
    for (let index = 0; index < 300; index += 1) connect();
    simulation.run({ untilMs: 6 * DELAY_MS });
    server.endpoint.close(simulation.now);
    simulation.run();
    expect(clients.ends.filter((kind) => kind === 'reset-by-peer')).toHaveLength(300);
    expect(server.endpoint.connectionCount + clients.endpoint.connectionCount).toBe(0);
  });
});
