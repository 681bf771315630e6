import { endianness } from 'node:os';
import type koffi from 'koffi';
import type { LibraryHandle } from 'koffi';
import { Errno } from './errno.ts';
import { MessageBatch, type ReceivedMessages } from './message-batch.ts';

/** Reads many datagrams in one system call. */
export interface BatchReceiver {
  /**
   * Reads what waits in a socket, as much as fits; `lastErrno()` explains a failure. What it returns is valid until the next read of
   * any socket. Throws an Error on a machine whose layout it does not know.
   */
  receiveMessages(fd: number): ReceivedMessages;
}

/** MSG_DONTWAIT. */
const DONT_WAIT = 0x40;

/** `recvmmsg` of the C library. Its memory is allocated by the first read: one batch for all sockets of the thread. */
export function batchReceiverOf(
  { address, errno, sizeof }: typeof koffi,
  library: LibraryHandle,
): BatchReceiver {
  const recvmmsg = library.func(
    'int recvmmsg(int fd, uintptr_t messages, unsigned int count, int flags, void *timeout)',
  );
  const newBatch = (): MessageBatch => {
    if (sizeof('void *') !== 8 || endianness() !== 'LE')
      throw new Error('messages of recvmmsg are laid out for 64 bits, the lower byte first');
    return new MessageBatch((view) => Number(address(view)));
  };
  let batch: MessageBatch | undefined;
  return {
    receiveMessages: (fd) => {
      batch ??= newBatch();
      batch.prepare();
      const count = recvmmsg(fd, batch.headers, batch.asked, DONT_WAIT, null);
      batch.settle(count < 0 && errno() === Errno.again ? 0 : count);
      return batch;
    },
  };
}
