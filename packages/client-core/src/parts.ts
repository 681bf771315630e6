/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */
export { companionsOf, partPathsFor } from './node/downloads/part-file-name.ts';
export { decodeJournal, isNotedIn } from './node/downloads/resume-journal.ts';
export { TransferDesk } from './node/transfers/transfer-desk.ts';
