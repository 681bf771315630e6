import { serverVersions } from '@parley/server-core';

/** The line that the program prints. */
export function banner(): string {
  const { protocol, transport } = serverVersions();
  return `parley-server: protocol ${protocol}, transport ${transport}`;
}
