import { existsSync } from 'node:fs';
import { build, type NativeProgram } from '../link/build.ts';

/** What the load generator measured in one talk. */
export interface FanLoadReport {
  /** Which talk of this generator it was, from 1 on. */
  readonly talk: number;
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** Over all talks so far. */
  readonly p99AllMs: number;
  /** Deliveries that did not come within two seconds after the end. */
  readonly undelivered: number;
  readonly closed: number;
  readonly refused: number;
  /** Entries whose number did not follow the one before; only Parley has numbers. */
  readonly gaps: number;
  /** Processors that the server and the generator used. A generator at 1 was the limit itself. */
  readonly serverCpu: number;
  readonly generatorCpu: number;
  readonly rssMb: number;
}

/** Throws an Error when a client was turned away, or got something twice or not at all. */
export function checkComplete({ undelivered, closed, refused, gaps }: FanLoadReport): void {
  if (undelivered + closed + refused + gaps === 0) return;
  throw new Error(
    `${undelivered} deliveries did not come, ${closed} clients were cut, ${refused} requests refused, ${gaps} entries missed`,
  );
}

const withTls = existsSync('/usr/include/openssl/ssl.h');
const program: NativeProgram = {
  name: withTls ? 'fan-load-tls' : 'fan-load',
  source: '../chat/fan-load.c',
  compiler: 'cc',
  flags: withTls ? ['-DWITH_TLS'] : [],
  libraries: withTls ? ['-lssl', '-lcrypto'] : [],
};

/** Builds the generator when it is first needed. Throws an Error with the compiler's complaint. */
export function buildFanLoad(): string {
  const built = build(program);
  if ('complaint' in built) throw new Error(`the load generator needs a C compiler: ${built.complaint}`);
  return built.path;
}

/** What keeps a protocol from being spoken here. */
export function missingForProtocol(protocol: string): string | undefined {
  return protocol === 'parley-tls' && !withTls
    ? 'OpenSSL for the load generator: install libssl-dev'
    : undefined;
}
