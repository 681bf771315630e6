import { GetFolder } from './get-folder.ts';

/** Wants a folder that somebody sent: as long as nobody discards it, it is there, as it was then. */
export class AcceptFolder extends GetFolder {}
