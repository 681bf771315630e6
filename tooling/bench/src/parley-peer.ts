import { connect, listen, type UdpSocketStatistics } from '@parley/rudp';
import { runDriver } from './peers/stream-driver.ts';

// Our own transport, as a program that uses it would: a stream in, a stream out, all settings at their defaults unless the
// environment names another way to the system, or a packet size that the search is not to exceed.
const { PARLEY_IO, PARLEY_DATAGRAM_BYTES_MAX } = process.env;
const options = {
  io: PARLEY_IO === 'portable' || PARLEY_IO === 'offload' ? PARLEY_IO : 'auto',
  ...(PARLEY_DATAGRAM_BYTES_MAX ? { config: { datagramBytesMax: Number(PARLEY_DATAGRAM_BYTES_MAX) } } : {}),
} as const;
let socketStatistics: () => UdpSocketStatistics | undefined = () => undefined;

await runDriver(
  {
    async receive(host, port, received) {
      const listener = await listen({ host, port, ...options });
      socketStatistics = () => listener.socketStatistics();
      listener.on('connection', (connection) => {
        connection.on('data', (chunk: Uint8Array) => received(chunk.length));
        connection.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
      });
      listener.on('error', (error: Error) => process.stderr.write(`recv: ${error.message}\n`));
    },
    send: (host, port) => connect({ host, port, ...options }),
    report: () => ({ backend: socketStatistics()?.backend }),
  },
  process.argv.slice(2),
);
