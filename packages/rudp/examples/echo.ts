/** A server that sends back what it gets, and a client: `node examples/echo.ts WORDS…` */
import { connect, listen } from '@parley/rudp';

const words = process.argv.slice(2).join(' ') || 'hello over reliable udp';

const listener = await listen({ host: '127.0.0.1' });
listener.on('connection', (connection) => connection.pipe(connection));

const client = connect(listener.address());
client.end(words);
for await (const chunk of client) process.stdout.write(chunk);
process.stdout.write('\n');

await listener.close();
