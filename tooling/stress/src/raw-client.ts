import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { type ClientMessage, clientMessages, type ServerMessage, serverMessages } from '@parley/protocol';

/** What somebody hostile holds in hand: a socket, with or without TLS, and what came over it. */
export class RawClient {
  readonly received: ServerMessage[] = [];
  /** Resolves when the connection is over; tells how long it lasted. */
  readonly ended: Promise<number>;
  readonly socket: Socket;
  #isOver = false;

  constructor(port: number, language: 'tls' | 'tcp') {
    const address = { host: '127.0.0.1', port };
    const began = performance.now();
    this.socket =
      language === 'tcp'
        ? connect(address)
        : connectSecurely({ ...address, rejectUnauthorized: false, minVersion: 'TLSv1.3' });
    const decoder = serverMessages.createDecoder();
    this.socket.on('data', (bytes) => {
      if (language === 'tcp') return;
      decoder.push(new Uint8Array(bytes));
      for (let message = decoder.next(); message !== undefined; message = decoder.next())
        this.received.push(message);
    });
    this.socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#isOver = true;
        resolve(performance.now() - began);
      });
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  write(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  send(message: ClientMessage): void {
    this.write(clientMessages.encode(message));
  }

  /** Resolves when a message of that type has come, or none will. */
  async hears(type: ServerMessage['type']): Promise<void> {
    while (!this.#isOver && !this.received.some((message) => message.type === type))
      await Promise.race([this.ended, once(this.socket, 'data').catch(() => {})]);
  }

  end(): void {
    this.socket.destroy();
  }
}
