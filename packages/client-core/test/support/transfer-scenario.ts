import type { TransferEnd, TransferProgress, WantedBytes } from '../../src/index.ts';
import { EVERYTHING } from './fake-transfer-host.ts';
import type { Scenario } from './scenario.ts';

/** What every server of these tests announces. */
export const SHA256 = new Uint8Array(32).fill(5) as never;
/** The root of the chunks of every file of these tests. */
export const ROOT = new Uint8Array(32).fill(6) as never;

/** The server answers the last request for a file. */
export function offer(scenario: Scenario, transferId: number, changes: { name?: string } = {}): void {
  const request = scenario.lastSent('request-transfer');
  scenario.receive({
    type: 'transfer-offer',
    requestId: request.requestId,
    transferId: transferId as never,
    ticket: new Uint8Array(32).fill(transferId) as never,
    ticketLifetimeMs: 30_000,
    udpPort: 9_000,
    name: (changes.name ?? request.name) as never,
    size: 1_000,
    modifiedAt: 1,
    digests: { sha256: SHA256, chunkRoot: ROOT },
  });
}

/** The host tells how far a download is. */
export function progress(
  scenario: Scenario,
  number: number,
  phase: TransferProgress['phase'],
  receivedBytes = 100,
): void {
  scenario.handle({
    type: 'transfer-progress',
    number,
    progress: {
      phase,
      receivedBytes,
      size: 1_000,
      bytesPerSecond: 50,
      resumedBytes: 0,
      changesSeen: 0,
      route: 'udp',
    },
  });
}

/** The host tells how a download ended. */
export function end(scenario: Scenario, number: number, outcome: TransferEnd): void {
  scenario.handle({ type: 'transfer-settled', number, outcome });
}

/** Queues a download; gives its number. */
export function get(scenario: Scenario, name = 'notes.txt', targetPath = `/tmp/${name}`): number {
  const command = scenario.command({ type: 'download', name, targetPath });
  const { number } = scenario.resultOf(command) as { number: number };
  // One whose turn has come says that it lacks everything.
  if (stateOf(scenario, number) === 'requested') want(scenario, number);
  return number;
}

/** The host tells what a download lacks. */
export function want(scenario: Scenario, number: number, changes: Partial<WantedBytes> = {}): void {
  scenario.handle({ type: 'download-wanted', number, wanted: { ...EVERYTHING, ...changes } });
}

/** The state of a transfer. */
export const stateOf = (scenario: Scenario, number: number) => scenario.client.transfers.get(number)?.state;
/** What was wanted of the host and of the connection, in order. */
export const effects = (scenario: Scenario) => scenario.others.map((effect) => effect.type);
