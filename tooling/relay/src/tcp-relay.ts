import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Address, createRandom, type Random } from '@parley/netsim';

/** Settings of a relay for TCP. */
export interface TcpRelayOptions {
  readonly target: Address;
  /** Bytes, both directions together, that a connection carries before it is cut: drawn for each one, this on average. */
  readonly bytesBeforeCutMean: number;
  /** Decides the cuts: the nth connection is cut after the same number of bytes, in the same way, in every run. */
  readonly seed: number | string;
}

/** What a relay for TCP did so far. */
interface TcpRelayStatistics {
  readonly connections: number;
  readonly cuts: number;
}

/** A running relay for TCP. */
export interface TcpRelay {
  /** Where clients connect to. */
  readonly address: Address;
  statistics(): TcpRelayStatistics;
  /** Whether connections are cut, as they are from the start. What passes while they are not, is not counted. */
  setCutting(isCutting: boolean): void;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Starts a relay on 127.0.0.1 that breaks connections: wherever the drawn byte lies, in the middle of a TLS record or of a
 * frame, the rest does not arrive. Both ends see a reset, or an orderly end that nobody meant.
 */
export async function startTcpRelay(options: TcpRelayOptions): Promise<TcpRelay> {
  const server = createServer({ allowHalfOpen: true, noDelay: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new CuttingRelay(server, options);
}

class CuttingRelay implements TcpRelay {
  readonly address: Address;
  readonly #server: Server;
  readonly #options: TcpRelayOptions;
  readonly #random: Random;
  readonly #sockets = new Set<Socket>();
  #connections = 0;
  #cuts = 0;
  #isCutting = true;

  constructor(server: Server, options: TcpRelayOptions) {
    const { address, port } = server.address() as AddressInfo;
    this.address = { host: address, port };
    this.#server = server;
    this.#options = options;
    this.#random = createRandom(options.seed);
    server.on('connection', (socket) => this.#join(socket));
  }

  statistics(): TcpRelayStatistics {
    return { connections: this.#connections, cuts: this.#cuts };
  }

  setCutting(isCutting: boolean): void {
    this.#isCutting = isCutting;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    this.#connections += 1;
    const random = this.#random.fork(`${this.#connections}`);
    const { target, bytesBeforeCutMean } = this.#options;
    const ends = [client, connect({ host: target.host, port: target.port, allowHalfOpen: true })] as const;
    let bytesLeft = Math.ceil(random.exponential(bytesBeforeCutMean));
    const isReset = random.chance(0.5);
    let isCut = false;
    /** How much of that many bytes still arrives. */
    const spend = (byteCount: number): number => {
      if (!this.#isCutting) return byteCount;
      const spent = Math.min(byteCount, bytesLeft);
      bytesLeft -= spent;
      return spent;
    };
    const cut = () => {
      isCut = true;
      this.#cuts += 1;
      for (const end of ends) {
        if (isReset) end.resetAndDestroy();
        else end.destroySoon();
      }
    };
    for (const [from, to] of [ends, [ends[1], ends[0]] as const]) {
      this.#sockets.add(from);
      from.on('data', (bytes) => {
        // What comes while the end is on its way is part of what does not arrive.
        if (isCut) return;
        const spent = spend(bytes.length);
        if (!to.write(spent < bytes.length ? bytes.subarray(0, spent) : bytes)) from.pause();
        if (spent < bytes.length) cut();
      });
      to.on('drain', () => from.resume());
      from.on('end', () => to.end());
      // What breaks one half breaks the other.
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroySoon();
      });
    }
  }
}
