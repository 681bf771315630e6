import { createParleyClient, describeSessionEnd } from '@parley/client-core';

const [host = 'localhost', port = '8255', folder = '.'] = process.argv.slice(2);
const client = createParleyClient({ host, port: Number(port), downloadFolder: folder });

// Everything that happens by itself is an event.
client.on('message', ({ message }) => console.log(`<${message.from}> ${message.text}`));
client.on('user-joined', ({ nickname }) => console.log(`${nickname} joined`));
client.on('closed', ({ end }) => console.log(describeSessionEnd(end)));

// Everything that one does is a promise; it rejects with a ClientError that has a `code`.
const { room } = await client.connect();
await client.register('robot');
await client.say(`hello ${room}`);

for (const { name, size } of await client.files()) console.log(`${name}: ${size} bytes`);
const { finished } = await client.download('notes.txt');
const { state, receivedBytes, failure } = await finished;
console.log(failure ? failure.message : `${state}: ${receivedBytes} bytes`);

await client.leave('that was all');
