import { homedir } from 'node:os';
import { sep } from 'node:path';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A number of bytes in decimal units with three or four digits: `52.3 MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.95 would be written 1000.0.
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** How many of something: `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** What a file or a folder holds: `5 B`, `3 files, 30.0 MB`. */
export function formatExtent({
  size,
  files,
}: {
  readonly size: number;
  readonly files: number | undefined;
}): string {
  return files === undefined ? formatBytes(size) : `${counted(files, 'file')}, ${formatBytes(size)}`;
}

/** Bytes per second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(Math.round(bytesPerSecond))}/s`;
}

/** A time to go: `0:04`, `12:30`, `1:02:03`. */
export function formatCountdown(seconds: number): string {
  const whole = Math.ceil(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A time that something took. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  return formatCountdown(milliseconds / 1000);
}

/** The time of day, in the local zone: `14:05`. */
export function formatTime(epochMs: number): string {
  const date = new Date(epochMs);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** Day and time, in the local zone: `2026-11-22 14:05`. */
export function formatDate(epochMs: number): string {
  const date = new Date(epochMs);
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${formatTime(epochMs)}`;
}

/** A day, in the local zone: `Sun 22 Nov 2026`. */
export function formatDay(epochMs: number): string {
  const date = new Date(epochMs);
  return `${DAYS[date.getDay()]} ${date.getDate()} ${MONTHS[date.getMonth()]} ${date.getFullYear()}`;
}

/** Whether two times are of one day, in the local zone. */
export function isSameDay(left: number, right: number): boolean {
  const [one, other] = [new Date(left), new Date(right)];
  return (
    one.getDate() === other.getDate() &&
    one.getMonth() === other.getMonth() &&
    one.getFullYear() === other.getFullYear()
  );
}

/** A path as people write it: what is in the home folder begins with `~`. */
export function formatPath(path: string, home = homedir()): string {
  const isInside = home.length > 1 && path.startsWith(`${home}${sep}`);
  return isInside ? `~${path.slice(home.length)}` : path;
}

/** A digest in hexadecimal. */
export function formatHash(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The beginning of a digest, as wide when it is not known: enough to see whether two files are the same. */
export function shortHash(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? ''.padEnd(8) : formatHash(bytes.subarray(0, 4));
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
