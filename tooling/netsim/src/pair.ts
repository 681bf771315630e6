import type { EventOf, SimulatedEndpoint } from './endpoint.ts';
import type { Link } from './link.ts';
import type { LinkOptions } from './link-options.ts';
import type { NodeOptions, SimulatedNode } from './node.ts';
import { Simulation, type SimulationOptions } from './simulation.ts';

/** Settings of a pair: two endpoints, and the path between them. */
export interface PairOptions<Client extends SimulatedEndpoint, Server extends SimulatedEndpoint>
  extends Omit<SimulationOptions, 'defaultLink'> {
  readonly client: Client;
  readonly server: Server;
  /** Both directions alike; `toServer` and `toClient` are laid over it. */
  readonly link?: LinkOptions;
  readonly toServer?: LinkOptions;
  readonly toClient?: LinkOptions;
  readonly clientOptions?: NodeOptions<EventOf<Client>>;
  readonly serverOptions?: NodeOptions<EventOf<Server>>;
}

/** The usual simulation: one client, one server (nodes of these names), one path between them. */
export class Pair<
  Client extends SimulatedEndpoint,
  Server extends SimulatedEndpoint = Client,
> extends Simulation {
  readonly client: SimulatedNode<Client>;
  readonly server: SimulatedNode<Server>;
  readonly toServer: Link;
  readonly toClient: Link;

  constructor(options: PairOptions<Client, Server>) {
    super(options.link === undefined ? options : { ...options, defaultLink: options.link });
    this.client = this.addEndpoint('client', options.client, options.clientOptions);
    this.server = this.addEndpoint('server', options.server, options.serverOptions);
    this.toServer = this.network.link({ from: 'client', to: 'server' });
    this.toClient = this.network.link({ from: 'server', to: 'client' });
    if (options.toServer !== undefined) this.toServer.configure(options.toServer);
    if (options.toClient !== undefined) this.toClient.configure(options.toClient);
  }
}
