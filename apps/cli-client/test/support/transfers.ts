import type { Transfer } from '@parley/client-core';

/** A running download, or what the test makes of it. */
export function transfer(changes: Partial<Transfer> = {}): Transfer {
  return {
    number: 1,
    direction: 'download',
    sourcePath: undefined,
    room: undefined,
    from: undefined,
    name: 'notes.txt',
    targetPath: '/tmp/notes.txt',
    state: 'running',
    priority: 'normal',
    size: 1_000_000,
    receivedBytes: 500_000,
    resumedBytes: 0,
    changesSeen: 0,
    route: 'udp',
    bytesPerSecond: 100_000,
    sha256: undefined,
    durationMs: undefined,
    failure: undefined,
    leftOut: [],
    ...changes,
  };
}
