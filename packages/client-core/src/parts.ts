/** The parts with sockets and disks, for whoever gives them others. Inside this repository only: not published. */
export { DownloadDesk } from './node/download-desk.ts';
export { partPathsFor } from './node/part-file-name.ts';
