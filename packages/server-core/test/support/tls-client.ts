import { connect, type TLSSocket } from 'node:tls';
import { SocketClient } from './socket-client.ts';

/** A client that speaks TLS and believes every server. */
export class TlsClient extends SocketClient {
  declare readonly socket: TLSSocket;

  constructor(port: number) {
    super(port, connect({ host: '127.0.0.1', port, rejectUnauthorized: false }));
  }

  /** The certificate that the server shows, when the handshake is done; rejects when there is none. */
  secured(): Promise<ReturnType<TLSSocket['getPeerX509Certificate']>> {
    return new Promise((resolve, reject) => {
      this.socket.once('secureConnect', () => resolve(this.socket.getPeerX509Certificate()));
      this.socket.once('error', reject);
    });
  }
}
