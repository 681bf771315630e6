import { hostname } from 'node:os';
import { TRANSPORT_VERSION } from '../core/index.ts';

/** The name under which this machine appears in diagnostics. */
export function endpointName(): string {
  return `${hostname()}/${TRANSPORT_VERSION}`;
}
