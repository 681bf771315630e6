import type { Application } from '../application/application.ts';
import type { Violations } from './violations.ts';

/** A sender believes that bytes arrived only when they did: nothing is acknowledged that was not sent and received. */
export function checkAcknowledgements(violations: Violations, application: Application): void {
  const { peer, connection } = application;
  if (peer === undefined) return;
  const acknowledged = connection.acknowledgedBytes;
  const received = peer.connection.receivedBytesContiguous;
  violations.require(
    acknowledged <= received && acknowledged <= application.writtenBytes,
    'acknowledgements',
    () =>
      `${application.name}: ${acknowledged} of ${application.writtenBytes} bytes count as acknowledged, ` +
      `the peer has ${received}`,
  );
}
