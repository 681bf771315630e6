import type { AeadKey, CipherSuite } from '../../core/keys/crypto.ts';
import { checkAeadRange, checkKeyLength } from './aead-checks.ts';
import type { CipherContext, Direction, OpensslContexts } from './openssl-contexts.ts';
import type { Address } from './openssl-library.ts';

/** AEAD by OpenSSL itself: the key stays in a context, four calls open a packet and five seal it, and nothing is allocated. */
export class OpensslAeadKey implements AeadKey {
  readonly library = 'openssl-ffi';
  readonly #contexts: OpensslContexts;
  readonly #suite: CipherSuite;
  readonly #key: Uint8Array;
  #sealing: CipherContext | undefined;
  #sealingClaim = 0;
  #opening: CipherContext | undefined;
  #openingClaim = 0;

  /** Throws `RangeError` when the key's length does not fit the suite. A context is claimed by the first packet. */
  constructor(contexts: OpensslContexts, suite: CipherSuite, key: Uint8Array) {
    checkKeyLength(suite, key);
    this.#contexts = contexts;
    this.#suite = suite;
    // Not by slice(): that of a Buffer shares its memory.
    this.#key = Uint8Array.from(key);
  }

  seal(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): void {
    checkAeadRange(nonce, bytes, start, textStart, textEnd);
    let context = this.#sealing;
    if (context === undefined || context.claim !== this.#sealingClaim) {
      context = this.#claim(1);
      this.#sealing = context;
      this.#sealingClaim = context.claim;
    }
    const contexts = this.#contexts;
    const { library, lengthAddress } = contexts;
    const base = contexts.addressOf(bytes);
    contexts.setNonce(nonce);
    const isDone =
      library.initEncryption(context.address, 0, 0, contexts.nonceAddress, 0) === 1 &&
      this.#update(context, base, start, textStart, textEnd) &&
      library.final(context.address, base + textEnd, lengthAddress) === 1 &&
      library.read(context.address, contexts.tagParameters(base + textEnd)) === 1;
    if (!isDone) contexts.fail(context, 'openssl did not seal a packet');
  }

  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean {
    checkAeadRange(nonce, bytes, start, textStart, textEnd);
    let context = this.#opening;
    if (context === undefined || context.claim !== this.#openingClaim) {
      context = this.#claim(0);
      this.#opening = context;
      this.#openingClaim = context.claim;
    }
    const contexts = this.#contexts;
    const { library, lengthAddress } = contexts;
    const base = contexts.addressOf(bytes);
    contexts.setNonce(nonce);
    const parameters = contexts.tagParameters(base + textEnd);
    const isDone =
      library.initDecryption(context.address, 0, 0, contexts.nonceAddress, parameters) === 1 &&
      this.#update(context, base, start, textStart, textEnd);
    if (!isDone) contexts.fail(context, 'openssl did not process a packet');
    if (library.final(context.address, base + textEnd, lengthAddress) === 1) return true;
    // A forged packet must leave nothing behind that node:crypto would report.
    library.clearErrors();
    return false;
  }

  #claim(direction: Direction): CipherContext {
    return this.#contexts.claim(this.#suite, this.#key, direction);
  }

  /** Runs associated data and text through the cipher, in place; false when that failed. */
  #update(
    { address }: CipherContext,
    base: Address,
    start: number,
    textStart: number,
    textEnd: number,
  ): boolean {
    const { library, lengthAddress } = this.#contexts;
    const text = base + textStart;
    // No call for what is empty: a null output, or a length of 0, means something else to some versions.
    return (
      (textStart === start ||
        library.update(address, 0, lengthAddress, base + start, textStart - start) === 1) &&
      (textEnd === textStart || library.update(address, text, lengthAddress, text, textEnd - textStart) === 1)
    );
  }
}
