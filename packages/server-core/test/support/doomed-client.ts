// A client that is to be killed: registers, begins a download, begins a message, says so on standard output, and goes on
// reading the download slowly. Arguments: port, name of the file.
import { clientMessages } from '@parley/protocol';
import { connect, derivePreSharedKey } from '@parley/rudp';
import { SocketClient } from './socket-client.ts';
import { messageId } from './virtual-server.ts';

const [port, name] = process.argv.slice(2);
if (port === undefined || name === undefined) throw new Error('expected a port and a file name');
const client = await SocketClient.user(Number(port), 'doomed');
client.send({
  type: 'request-transfer',
  requestId: 2,
  name,
  chunkRoot: undefined,
  ranges: undefined,
  version: undefined,
});
const offer = await client.next('transfer-offer');

const preSharedKey = derivePreSharedKey(offer.ticket);
const download = connect({ host: '127.0.0.1', port: offer.udpPort, preSharedKey });
download.once('data', () => {
  download.pause();
  const text = 'a message that is never finished';
  const clientMessageId = messageId(text);
  const frame = clientMessages.encode({ type: 'say', requestId: 3, clientMessageId, room: 'lobby', text });
  client.socket.write(frame.subarray(0, 30), () => process.stdout.write('in the middle of everything\n'));
});
