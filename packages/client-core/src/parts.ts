/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */
export { companionsOf, partPathsFor } from './node/part-file-name.ts';
export { decodeJournal, isNotedIn } from './node/resume-journal.ts';
export { TransferDesk } from './node/transfer-desk.ts';
