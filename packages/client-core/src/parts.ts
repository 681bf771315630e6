/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */
export { partPathsFor } from './node/part-file-name.ts';
export { TransferDesk } from './node/transfer-desk.ts';
