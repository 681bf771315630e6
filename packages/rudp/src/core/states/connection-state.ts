import type { StateTable } from '../structures/state-table.ts';

/** States of a connection, with the names of RFC 9293 §3.3.2 where the meaning is the same. */
export type ConnectionState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  /** Both directions are done; late packets of the peer are still acknowledged for 3 × PTO. */
  | 'time-wait'
  /** Reset by one side; a copy of the RESET answers what still arrives, for 3 × PTO. */
  | 'draining'
  | 'closed';

/** What moves a connection from state to state. */
export type ConnectionStateEvent =
  | 'syn-ack-received'
  | 'handshake-acknowledged'
  /** The FIN left for the first time: every byte before it has left too. */
  | 'fin-sent'
  /** The peer's FIN and every byte before it have arrived. */
  | 'fin-received'
  /** Our FIN and every byte before it have been acknowledged. */
  | 'fin-acknowledged'
  | 'reset'
  /** The handshake was refused or given up, a timer ran out, or the endpoint went away. */
  | 'abandoned'
  | 'drained';

/** What is not in the table is a bug: the caller checks before it reports an event. */
// RUDP-STATE-1
export const CONNECTION_STATE_TABLE: StateTable<ConnectionState, ConnectionStateEvent> = {
  'syn-sent': { 'syn-ack-received': 'established', reset: 'closed', abandoned: 'closed' },
  'syn-received': { 'handshake-acknowledged': 'established', reset: 'draining', abandoned: 'closed' },
  established: {
    'fin-sent': 'fin-wait-1',
    'fin-received': 'close-wait',
    reset: 'draining',
    abandoned: 'closed',
  },
  'fin-wait-1': {
    'fin-acknowledged': 'fin-wait-2',
    'fin-received': 'closing',
    reset: 'draining',
    abandoned: 'closed',
  },
  'fin-wait-2': { 'fin-received': 'time-wait', reset: 'draining', abandoned: 'closed' },
  'close-wait': { 'fin-sent': 'last-ack', reset: 'draining', abandoned: 'closed' },
  closing: { 'fin-acknowledged': 'time-wait', reset: 'draining', abandoned: 'closed' },
  'last-ack': { 'fin-acknowledged': 'closed', reset: 'draining', abandoned: 'closed' },
  'time-wait': { drained: 'closed', abandoned: 'closed' },
  draining: { drained: 'closed', abandoned: 'closed' },
  closed: {},
};

/** States in which packets with frames may be sent and received. */
export function isOpen(state: ConnectionState): boolean {
  return state !== 'syn-sent' && state !== 'draining' && state !== 'closed';
}
