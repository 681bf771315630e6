import type { AeadKey, CipherSuite } from '../../core/crypto.ts';
import { tagBytes } from '../../core/crypto.ts';
import { checkAeadRange, checkKeyLength } from './aead-checks.ts';
import type { CipherContext, Direction, OpensslContexts } from './openssl-contexts.ts';
import { type Address, ControlCommand } from './openssl-library.ts';

/** Keeps the direction that the context has. */
const sameDirection = -1;

/** AEAD by OpenSSL itself: the key stays in a context, five calls of some 60 ns do a packet, and nothing is allocated. */
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
    const { library } = this.#contexts;
    const tag = this.#crypt(context, nonce, bytes, start, textStart, textEnd);
    const isDone =
      library.final(context.address, tag, this.#contexts.lengthAddress) === 1 &&
      library.control(context.address, ControlCommand.getTag, tagBytes, tag) === 1;
    if (!isDone) this.#contexts.fail(context, 'openssl did not seal a packet');
  }

  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean {
    checkAeadRange(nonce, bytes, start, textStart, textEnd);
    let context = this.#opening;
    if (context === undefined || context.claim !== this.#openingClaim) {
      context = this.#claim(0);
      this.#opening = context;
      this.#openingClaim = context.claim;
    }
    const { library } = this.#contexts;
    const tag = this.#crypt(context, nonce, bytes, start, textStart, textEnd);
    if (library.control(context.address, ControlCommand.setTag, tagBytes, tag) !== 1)
      this.#contexts.fail(context, 'openssl did not take the tag of a packet');
    if (library.final(context.address, tag, this.#contexts.lengthAddress) === 1) return true;
    // A forged packet must leave nothing behind that node:crypto would report.
    library.clearErrors();
    return false;
  }

  #claim(direction: Direction): CipherContext {
    return this.#contexts.claim(this.#suite, this.#key, direction);
  }

  /** Sets the nonce and runs associated data and text through the cipher, in place; returns where the tag is. */
  #crypt(
    context: CipherContext,
    nonce: Uint8Array,
    bytes: Uint8Array,
    start: number,
    textStart: number,
    textEnd: number,
  ): Address {
    const contexts = this.#contexts;
    const { library, lengthAddress } = contexts;
    contexts.nonce.set(nonce);
    const base = contexts.addressOf(bytes);
    const text = base + textStart;
    const textBytes = textEnd - textStart;
    // No call for what is empty: a null output, or a length of 0, means something else to some versions.
    const isDone =
      library.init(context.address, 0, 0, 0, contexts.nonceAddress, sameDirection) === 1 &&
      (textStart === start ||
        library.update(context.address, 0, lengthAddress, base + start, textStart - start) === 1) &&
      (textBytes === 0 || library.update(context.address, text, lengthAddress, text, textBytes) === 1);
    if (!isDone) contexts.fail(context, 'openssl did not process a packet');
    return text + textBytes;
  }
}
