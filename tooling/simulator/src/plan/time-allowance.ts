import { DEFAULT_CONFIG } from '@parley/rudp/core';
import type { ApplicationPlan, ConnectionPlan, Happening, Plan } from './plan.ts';

/** Slower than any path of a plan gets, with what its loss and its window cost. */
const SECONDS_BASE = 300;
const PACKET_BYTES = 1000;
/** What a queue of the slowest line, full, takes, and some time for a handshake. */
const PATIENCE_MS = 6000;

const SMALL_APPLICATION: ApplicationPlan = {
  sendBytes: 10_000,
  startsEarly: false,
  writeBytes: 65_536,
  finishes: 'after-writing',
  receives: 'ordered',
  readBytesPer10Ms: Number.POSITIVE_INFINITY,
  pause: undefined,
  reset: undefined,
};

/** What both sides do when everything else is over. */
export const LAST_CONNECTION_PLAN: ConnectionPlan = {
  openAtMs: 0,
  key: 'right',
  client: SMALL_APPLICATION,
  server: SMALL_APPLICATION,
};

/**
 * Virtual time after which a run that still goes on counts as stuck: generous, since what is stuck stays so for ever.
 * Connections that hear nothing end by their idle timeout; those that hear something get on by a packet in each round trip.
 */
export function timeAllowanceMs(plan: Plan): number {
  const { client, server } = plan.configs;
  const idleMs = Math.max(client.idleTimeoutMs ?? 0, server.idleTimeoutMs ?? 0, DEFAULT_CONFIG.idleTimeoutMs);
  const handshakeMs = Math.max(client.handshakeTimeoutMs ?? 0, server.handshakeTimeoutMs ?? 0);
  const applications = plan.connections.flatMap((connection) => [connection.client, connection.server]);
  const bytes = applications.reduce((sum, { sendBytes }) => sum + sendBytes, 0);
  const packets = bytes / PACKET_BYTES;
  const roundTripMs = 2 * (longestDelayMs(plan) + 200);
  const silenceMs = Math.max(...applications.map(silenceOf));
  return (
    plan.faultsEndMs +
    3 * (idleMs + handshakeMs) +
    silenceMs +
    2 * packets * roundTripMs +
    SECONDS_BASE * 1000
  );
}

/** The timeouts of a run are long enough for its path: a connection on it must work when nothing disturbs it. */
export function isPatient(plan: Plan): boolean {
  const { client, server } = plan.configs;
  const timeoutsMs = [client, server].flatMap(({ idleTimeoutMs, handshakeTimeoutMs }) => [
    idleTimeoutMs ?? DEFAULT_CONFIG.idleTimeoutMs,
    handshakeTimeoutMs ?? DEFAULT_CONFIG.handshakeTimeoutMs,
  ]);
  return Math.min(...timeoutsMs) >= PATIENCE_MS + 4 * longestDelayMs(plan);
}

/** Time that an application lets pass on its own account. */
function silenceOf({ pause, readBytesPer10Ms, sendBytes }: ApplicationPlan): number {
  const pauseMs = pause === undefined ? 0 : pause.afterMs + pause.forMs;
  return pauseMs + (10 * Math.max(sendBytes, 10_000_000)) / readBytesPer10Ms;
}

function longestDelayMs({ links, happenings }: Plan): number {
  const changed = happenings.map((happening: Happening) =>
    happening.kind === 'line-change' ? (happening.changes.delayMs ?? 0) : 0,
  );
  return Math.max(links.toServer.delayMs ?? 0, links.toClient.delayMs ?? 0, ...changed);
}
