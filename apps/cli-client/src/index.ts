import { clientVersions } from '@parley/client-core';

/** The line that the program prints. */
export function banner(): string {
  const { protocol, transport } = clientVersions();
  return `parley: protocol ${protocol}, transport ${transport}`;
}
