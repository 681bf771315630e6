import type { ConnectionEnd } from '@parley/rudp';
import { RejectCode, ResetCode } from '@parley/rudp';
import { DEFAULT_CONFIG } from '@parley/rudp/core';
import type { Application } from '../application/application.ts';
import type { ApplicationPlan, Plan } from '../plan/plan.ts';
import { isPatient } from '../plan/time-allowance.ts';
import type { Violations } from './violations.ts';

/** What one side says when it ends must be true: `finished` means that all bytes of both directions have arrived. */
export function checkTruth(
  violations: Violations,
  application: Application,
  event: 'finished' | 'closed',
): void {
  const { peer, connection, name } = application;
  if (event === 'closed' && connection.end?.kind !== 'finished') return;
  const require = (isTrue: boolean, text: string) =>
    violations.require(isTrue, 'truthful end', () => `${name}, '${event}': ${text}`);
  require(peer !== undefined, 'there is no peer');
  if (peer === undefined) return;
  require(application.hasFinished, 'the application did not finish');
  require(peer.connection.receivedBytesContiguous ===
    application.writtenBytes, `the peer has ${peer.connection.receivedBytesContiguous} of ${application.writtenBytes} bytes`);
  require(peer.connection.finalSize ===
    application.writtenBytes, 'the peer does not know the end of the stream');
  if (event === 'finished') return;
  require(connection.receivedBytesContiguous === peer.writtenBytes &&
    peer.hasFinished, `${connection.receivedBytesContiguous} of ${peer.writtenBytes} bytes of the peer arrived`);
}

/** A connection ends, and in a way that the plan explains. */
export function checkEnd(violations: Violations, plan: Plan, application: Application): void {
  const { end } = application.connection;
  if (end === undefined) {
    violations.add('liveness', `${application.name}: ${application.connection.state}, never ended`);
    return;
  }
  const reason = unexplained(plan, application, end);
  violations.require(reason === undefined, 'explained end', () => `${application.name}: ${reason}`);
}

/** Why an end makes no sense; undefined when it does. */
function unexplained(plan: Plan, application: Application, end: ConnectionEnd): string | undefined {
  const text = JSON.stringify(end);
  switch (end.kind) {
    case 'finished':
      return undefined;
    case 'idle-timed-out':
      if (isSilentForNoReason(plan, application))
        return `${text}: the peer was there, and nothing disturbed them any more`;
      return plan.isGentle && !hasPeerMovedInTimeWait(plan, application)
        ? `${text} although every fault was mild`
        : undefined;
    case 'handshake-timed-out':
    case 'stateless-reset':
      return plan.isGentle ? `${text} although every fault was mild` : undefined;
    case 'refused':
      return explainsRefusal(plan, application, end.code) ? undefined : `${text} for no reason`;
    case 'reset-locally':
      return explainsReset(plan, application.plan, end.code) ? undefined : `${text}, not by the application`;
    case 'reset-by-peer':
      return explainsReset(plan, application.peerPlan, end.code)
        ? undefined
        : `${text}, not by the peer's application`;
    case 'identity-mismatch':
    case 'protocol-violation':
    case 'endpoint-closed':
      return `${text}: both sides keep to the protocol, and no server is pinned`;
  }
}

/**
 * The faults had been over for an idle timeout, and a probe timeout that had grown in them, when the silence began; neither
 * program was silent on purpose, and the other side still lived: something should have been sent and was not.
 */
function isSilentForNoReason(plan: Plan, application: Application): boolean {
  const { peer, endedAtMs } = application;
  if (peer === undefined || endedAtMs === undefined || !isPatient(plan)) return false;
  const { client, server } = plan.configs;
  const idleMs = Math.min(
    client.idleTimeoutMs ?? DEFAULT_CONFIG.idleTimeoutMs,
    server.idleTimeoutMs ?? DEFAULT_CONFIG.idleTimeoutMs,
  );
  const silenceStartMs = endedAtMs - idleMs;
  const isLate = silenceStartMs > plan.faultsEndMs + idleMs;
  const isPeerThere = peer.endedAtMs === undefined ? !peer.isDead : peer.endedAtMs >= endedAtMs;
  const isBusy = [application.plan, peer.plan].every(
    ({ pause, readBytesPer10Ms }) => pause === undefined && readBytesPer10Ms === Number.POSITIVE_INFINITY,
  );
  return isLate && isPeerThere && isBusy;
}

/** A peer that has finished only answers: when it gets another address then, nobody can know it, and it hears no FIN any more. */
function hasPeerMovedInTimeWait({ happenings }: Plan, { peer }: Application): boolean {
  if (peer?.connection.end?.kind !== 'finished') return false;
  const { endedAtMs = Number.POSITIVE_INFINITY } = peer;
  return happenings.some(({ kind, atMs }) => kind === 'rebind' && atMs > endedAtMs);
}

function explainsReset({ happenings }: Plan, { reset }: ApplicationPlan, code: number): boolean {
  if (code === ResetCode.endpointClosed) return happenings.some(({ kind }) => kind === 'endpoint-close');
  return code === reset?.code;
}

function explainsRefusal(plan: Plan, { key }: Application, code: number): boolean {
  const isForged = plan.happenings.some(
    ({ kind, ...rest }) => kind === 'forgery' && 'what' in rest && rest.what === 'reject',
  );
  if (isForged) return true;
  if (code !== RejectCode.keyRefused || !plan.asksForKeys) return false;
  // A single-use key is gone when a SYN with it was replayed from elsewhere, or answered by a server that is no more.
  return key !== 'right' || !plan.isGentle || plan.mangling.server.replayRatio > 0;
}
