import {
  AGENT_BYTES_MAX,
  LEAVE_REASON_BYTES_MAX,
  type Nickname,
  type RoomName,
  type ServerMessageOf,
  SUPPORTED_VERSIONS,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import type { ServerInfo } from '../events.ts';
import { fittingText } from '../fitting-text.ts';
import { CONNECT_TIMEOUT_MS, HELLO_TIMEOUT_MS, LEAVE_TIMEOUT_MS } from '../limits.ts';
import { Liveness } from './liveness.ts';
import type { SessionEnd } from './session-end.ts';
import { nextSessionState, type SessionState, type SessionTrigger } from './session-state.ts';

/** How long each state may last, and what a session has come to that stays longer. */
const STATE_LIMITS: Readonly<
  Partial<Record<SessionState, { readonly ms: number; readonly end: SessionEnd }>>
> = {
  connecting: {
    ms: CONNECT_TIMEOUT_MS,
    end: {
      kind: 'connect-failed',
      code: 'ETIMEDOUT',
      message: `no answer within ${CONNECT_TIMEOUT_MS / 1000} s: is the address right, and the server running?`,
    },
  },
  'hello-sent': { ms: HELLO_TIMEOUT_MS, end: { kind: 'hello-timed-out' } },
  leaving: { ms: LEAVE_TIMEOUT_MS, end: { kind: 'left' } },
};

/** The course of one connection: its state, the handshake of versions, signs of life, and its end. */
export class Session {
  readonly #sink: EffectSink;
  readonly #agent: string;
  readonly #liveness = new Liveness();
  #state: SessionState = 'connecting';
  #stateSince = 0;
  #server: ServerInfo | undefined;
  #nickname: Nickname | undefined;
  #end: SessionEnd | undefined;
  #fingerprint = '';
  #reconnectAt = 0;

  constructor(sink: EffectSink, agent: string) {
    this.#sink = sink;
    this.#agent = fittingText(agent, AGENT_BYTES_MAX);
  }

  get state(): SessionState {
    return this.#state;
  }

  get server(): ServerInfo | undefined {
    return this.#server;
  }

  /** The room that the server names; there is one before anything that needs it. */
  get room(): RoomName | undefined {
    return this.#server?.room;
  }

  get nickname(): Nickname | undefined {
    return this.#nickname;
  }

  get end(): SessionEnd | undefined {
    return this.#end;
  }

  get roundTripMs(): number | undefined {
    return this.#liveness.roundTripMs;
  }

  get deadline(): number | undefined {
    if (this.#state === 'closed') return undefined;
    if (this.#state === 'reconnecting') return this.#reconnectAt;
    const limit = STATE_LIMITS[this.#state];
    return limit ? this.#stateSince + limit.ms : this.#liveness.deadline;
  }

  handleStarted(now: number): void {
    this.#stateSince = now;
    this.#sink.push({ type: 'connect' });
  }

  /** What the server showed of itself (CHAT-TLS-2); empty on plain TCP. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  handleConnected(now: number, fingerprint = ''): void {
    if (!this.#advance('connected', now)) return;
    this.#fingerprint = fingerprint;
    this.#liveness.handleSignOfLife(now);
    this.#sink.send({ type: 'hello', ...SUPPORTED_VERSIONS, agent: this.#agent });
  }

  /** Anything arrived. */
  handleSignOfLife(now: number): void {
    this.#liveness.handleSignOfLife(now);
  }

  handleHelloOk(message: ServerMessageOf<'hello-ok'>, now: number): void {
    // A hello-ok that crossed our leave has nothing to say any more.
    if (this.#state === 'leaving') return;
    const { serverName, motd, room, version, serverTime } = message;
    if (version < SUPPORTED_VERSIONS.versionMin || version > SUPPORTED_VERSIONS.versionMax) {
      this.violate(`it chose version ${version}, which was not offered`);
      return;
    }
    if (!this.#advance('hello-accepted', now)) {
      this.violate('hello-ok came twice');
      return;
    }
    this.#server = {
      name: serverName,
      messageOfTheDay: motd,
      room,
      protocolVersion: version,
      time: serverTime,
    };
    if (this.#nickname === undefined) this.#sink.notify({ type: 'server-greeted', server: this.#server });
  }

  /** The server took our nickname; false when that makes no sense now. */
  handleRegistered(nickname: Nickname, now: number): boolean {
    if (!this.#advance('nickname-accepted', now)) return false;
    const isBack = this.#nickname !== undefined;
    this.#nickname = nickname;
    const room = this.#server?.room ?? '';
    this.#sink.notify(isBack ? { type: 'reconnected' } : { type: 'registered', nickname, room });
    return true;
  }

  // CHAT-PING-1
  handlePing(nonce: number): void {
    this.#sink.send({ type: 'pong', nonce });
  }

  handlePong(nonce: number, now: number): void {
    this.#liveness.handlePong(nonce, now);
  }

  // CHAT-GOODBYE-1
  handleGoodbye(message: ServerMessageOf<'goodbye'>): void {
    const { code, message: words, reconnectAfterMs } = message;
    const isOurs = this.#state === 'leaving' && code === 'left';
    this.close(isOurs ? { kind: 'left' } : { kind: 'goodbye', code, message: words, reconnectAfterMs });
  }

  /** Says goodbye; the session ends with the server's answer, or soon without it. */
  leave(reason: string, now: number): void {
    const next = nextSessionState(this.#state, 'leave-requested');
    // Where there is no server that listens, there is nobody to say goodbye to.
    if (next === 'closed') this.close({ kind: 'left' });
    if (next !== 'leaving') return;
    this.#advance('leave-requested', now);
    this.#sink.send({ type: 'leave', reason: fittingText(reason, LEAVE_REASON_BYTES_MAX) });
  }

  /** The end is not to last: the connection is made again at `at`. */
  retreat(at: number, now: number): void {
    if (!this.#advance('return-planned', now)) return;
    this.#end = undefined;
    this.#reconnectAt = at;
  }

  handleDeadline(now: number): void {
    if (this.#state === 'reconnecting') {
      if (now < this.#reconnectAt || !this.#advance('reconnect-due', now)) return;
      this.#sink.push({ type: 'connect' });
      return;
    }
    const limit = STATE_LIMITS[this.#state];
    if (limit) {
      if (now >= this.#stateSince + limit.ms) this.close(limit.end);
      return;
    }
    // CHAT-PING-2
    const verdict = this.#state === 'closed' ? undefined : this.#liveness.handleDeadline(now);
    if (verdict?.type === 'ping') this.#sink.send({ type: 'ping', nonce: verdict.nonce });
    if (verdict?.type === 'silent') this.close({ kind: 'server-silent', silentMs: verdict.silentMs });
  }

  /** The server broke the rules. */
  violate(problem: string): void {
    this.close({ kind: 'protocol-violation', message: problem });
  }

  /** Ends the session; only the first end counts. Its owner tells the others. */
  close(end: SessionEnd): void {
    const closed = nextSessionState(this.#state, 'ended');
    if (closed === undefined) return;
    this.#state = closed;
    this.#end = end;
    this.#sink.push({ type: 'end-connection' });
  }

  #advance(trigger: SessionTrigger, now: number): boolean {
    const next = nextSessionState(this.#state, trigger);
    if (next === undefined) return false;
    this.#state = next;
    this.#stateSince = now;
    return true;
  }
}
