import { type Connection, EcnMark, Endpoint } from '../src/core/index.ts';
import { nodeCryptoProvider } from '../src/node/crypto-provider.ts';

// Memory of an idle connection, and processor time of a packet, by the number of connections on one endpoint:
//   node --expose-gc --conditions=@parley/source packages/rudp/test/many-connections.ts

const CLIENT_ADDRESS = { host: '192.0.2.1', port: 1111 };
const SERVER_ADDRESS = { host: '192.0.2.2', port: 2222 };
const PACKETS_MEASURED = 20_000;
const buffer = new Uint8Array(65_536);

function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Carries what one side sends to the other; returns the count of trains. */
function carry(now: number, from: Endpoint, to: Endpoint, source: typeof CLIENT_ADDRESS): number {
  let count = 0;
  for (;;) {
    const train = from.pollTransmit(now, buffer);
    if (train === undefined) return count;
    const { byteLength, segmentBytes } = train;
    const bytes = buffer.slice(0, byteLength);
    to.handleDatagram(now, source, bytes, EcnMark.none, Number.POSITIVE_INFINITY, segmentBytes);
    count += 1;
  }
}

function measure(connections: number): object {
  const before = heldBytes();
  const client = new Endpoint({ crypto: nodeCryptoProvider, acceptsConnections: false });
  const server = new Endpoint({ crypto: nodeCryptoProvider, acceptsConnections: true });
  const opened: Connection[] = [];
  const settle = (now: number): number => {
    let count = 0;
    for (let round = 0; round < 4; round += 1) {
      count += carry(now, client, server, CLIENT_ADDRESS) + carry(now, server, client, SERVER_ADDRESS);
      while (client.pollEvent() !== undefined || server.pollEvent() !== undefined);
    }
    return count;
  };
  for (let index = 0; index < connections; index += 1) {
    opened.push(client.connect(index / 1000, SERVER_ADDRESS));
    settle(index / 1000);
  }
  const bytesPerPair = (heldBytes() - before) / connections;
  const startedAt = process.cpuUsage();
  let packets = 0;
  const bytes = new Uint8Array(100);
  for (let step = 0; packets < PACKETS_MEASURED; step += 1) {
    const now = 10 + step / 10;
    opened[(step * 7919) % connections]?.write(bytes);
    client.handleDeadline(now);
    server.handleDeadline(now);
    packets += settle(now);
  }
  const { user } = process.cpuUsage(startedAt);
  return {
    connections,
    established: server.connectionCount,
    kibibytesPerSide: Number((bytesPerPair / 2 / 1024).toFixed(1)),
    microsecondsPerPacket: Number((user / packets).toFixed(1)),
  };
}

// The first warms the code up.
for (const connections of [10, 10, 100, 1000, 4000]) console.log(JSON.stringify(measure(connections)));
