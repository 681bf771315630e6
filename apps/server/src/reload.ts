import type { ParleyServer } from '@parley/server-core';
import type { Logger } from 'pino';
import type { LoadedIdentity } from './identity.ts';

/** Reads key and certificate again on SIGHUP. What cannot be read or used changes nothing, and is logged. */
export function reloadOnSignal(options: {
  readonly logger: Logger;
  readonly server: Pick<ParleyServer, 'setTls'>;
  readonly load: () => Promise<LoadedIdentity | undefined>;
  readonly process: Pick<NodeJS.Process, 'on'>;
}): void {
  const { logger, server, load, process } = options;
  process.on('SIGHUP', async () => {
    try {
      const loaded = await load();
      if (loaded === undefined) return;
      server.setTls(loaded.identity);
      logger.info({ fingerprint: loaded.fingerprint }, 'identity reloaded');
    } catch (error) {
      logger.error({ err: error }, 'identity not reloaded: the old one stays in use');
    }
  });
}
