import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** What the common file systems allow for one name, in bytes. */
const nameBytesMax = 255;
const randomHexDigits = 12;
const suffix = '.part';
const pattern = /^\..+\.[0-9a-f]{12}\.part$/s;

/**
 * A hidden name beside the target for the file while it is incomplete: `.NAME.RANDOM.part`. In the same folder, because
 * only there a link or a rename publishes it without copying.
 */
export function partPathFor(targetPath: string): string {
  const random = randomBytes(randomHexDigits / 2).toString('hex');
  const roomBytes = nameBytesMax - 1 - 1 - randomHexDigits - suffix.length;
  const name = truncateToBytes(basename(targetPath), roomBytes);
  return join(dirname(targetPath), `.${name}.${random}${suffix}`);
}

/** True for the names that `partPathFor` makes: what a client that was killed has left behind. */
export function isPartFileName(name: string): boolean {
  return pattern.test(name);
}

function truncateToBytes(text: string, bytesMax: number): string {
  let bytes = 0;
  let result = '';
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > bytesMax) break;
    result += character;
  }
  return result;
}
