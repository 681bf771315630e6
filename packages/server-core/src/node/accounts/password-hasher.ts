import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import type { PasswordHash } from '../../accounts/account-store.ts';
import { PASSWORD_HASHES_AT_A_TIME_MAX, PASSWORD_SCRYPT } from '../limits.ts';

const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Bytes that scrypt needs for one hash, and a little more (RFC 7914: 128 × N × r). */
const memoryMax = ({ cost, blockSize }: Pick<PasswordHash, 'cost' | 'blockSize'>) =>
  128 * cost * blockSize + 32 * 1_048_576;

/**
 * Hashes passwords with scrypt, in the threads of libuv, so that nobody's chat waits for it. Few at a time: each takes
 * some memory, and those threads also read the disk.
 */
// CHAT-PASSWORD-2
export class PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #nobody: PasswordHash;

  constructor() {
    this.#nobody = {
      algorithm: 'scrypt',
      ...PASSWORD_SCRYPT,
      salt: randomBytes(SALT_BYTES).toString('base64'),
      hash: randomBytes(HASH_BYTES).toString('base64'),
    };
  }

  /** Hashes under a new salt, with the parameters of today. */
  async hash(password: string): Promise<PasswordHash> {
    const salt = randomBytes(SALT_BYTES);
    const hash = await this.#derive(password, salt, PASSWORD_SCRYPT);
    return {
      algorithm: 'scrypt',
      ...PASSWORD_SCRYPT,
      salt: salt.toString('base64'),
      hash: hash.toString('base64'),
    };
  }

  /** Whether it is the password. Without anything to check it against it is not, after the same work. */
  async check(password: string, against: PasswordHash | undefined): Promise<boolean> {
    const known = against ?? this.#nobody;
    const expected = Buffer.from(known.hash, 'base64');
    const hash = await this.#derive(password, Buffer.from(known.salt, 'base64'), known);
    const isSame = expected.length === hash.length && timingSafeEqual(expected, hash);
    return isSame && against !== undefined;
  }

  async #derive(
    password: string,
    salt: Uint8Array,
    { cost, blockSize, parallelization }: Pick<PasswordHash, 'cost' | 'blockSize' | 'parallelization'>,
  ): Promise<Buffer> {
    const maxmem = memoryMax({ cost, blockSize });
    const options: ScryptOptions = { cost, blockSize, parallelization, maxmem };
    if (this.#running >= PASSWORD_HASHES_AT_A_TIME_MAX) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running += 1;
    try {
      return await new Promise((resolve, reject) => {
        scrypt(password, salt, HASH_BYTES, options, (error, key) => (error ? reject(error) : resolve(key)));
      });
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }
}
