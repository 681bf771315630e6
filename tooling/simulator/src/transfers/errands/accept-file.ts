import type { TransferFailureCode } from '@parley/client-core';
import { GetFile } from './get-file.ts';

/** Wants a file that somebody sent: as long as nobody discards it, it is there. */
export class AcceptFile extends GetFile {
  override isEndedBy(_code: TransferFailureCode | undefined): boolean {
    return false;
  }
}
