import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:tls';
import { runDriver } from './stream-driver.ts';

// TLS 1.3 over kernel TCP, as a program in Node would use it. TLS_KEY and TLS_CERTIFICATE are files.
const { TLS_KEY = '', TLS_CERTIFICATE = '' } = process.env;

await runDriver(
  {
    async receive(host, port, accept) {
      const identity = { key: readFileSync(TLS_KEY), cert: readFileSync(TLS_CERTIFICATE) };
      const server = createServer({ ...identity, minVersion: 'TLSv1.3' }, accept);
      server.listen(port, host);
      await once(server, 'listening');
    },
    // The name on the certificate is of no interest: what counts is what encryption costs.
    send: (host, port) => connect({ host, port, rejectUnauthorized: false }),
  },
  process.argv.slice(2),
);
