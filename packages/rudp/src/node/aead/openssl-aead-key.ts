import type { AeadKey, CipherSuite } from '../../core/keys/crypto.ts';
import { tagBytes } from '../../core/keys/crypto.ts';
import { checkAeadRange, checkKeyLength } from './aead-checks.ts';
import type { CipherContext, Direction, OpensslContexts } from './openssl-contexts.ts';
import type { Address } from './openssl-library.ts';

/** Keeps the direction that the context has. */
const sameDirection = -1;

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
    const { library, lengthAddress, tagParameters, tag } = this.#contexts;
    const end = this.#crypt(context, nonce, bytes, { start, textStart, textEnd, parameters: 0 });
    const isDone =
      library.final(context.address, end, lengthAddress) === 1 &&
      library.read(context.address, tagParameters) === 1;
    if (!isDone) this.#contexts.fail(context, 'openssl did not seal a packet');
    for (let index = 0; index < tagBytes; index += 1) bytes[textEnd + index] = tag[index] as number;
  }

  open(nonce: Uint8Array, bytes: Uint8Array, start: number, textStart: number, textEnd: number): boolean {
    checkAeadRange(nonce, bytes, start, textStart, textEnd);
    let context = this.#opening;
    if (context === undefined || context.claim !== this.#openingClaim) {
      context = this.#claim(0);
      this.#opening = context;
      this.#openingClaim = context.claim;
    }
    const { library, lengthAddress, tagParameters, tag } = this.#contexts;
    for (let index = 0; index < tagBytes; index += 1) tag[index] = bytes[textEnd + index] as number;
    const end = this.#crypt(context, nonce, bytes, { start, textStart, textEnd, parameters: tagParameters });
    if (library.final(context.address, end, lengthAddress) === 1) return true;
    // A forged packet must leave nothing behind that node:crypto would report.
    library.clearErrors();
    return false;
  }

  #claim(direction: Direction): CipherContext {
    return this.#contexts.claim(this.#suite, this.#key, direction);
  }

  /** Sets nonce and parameters and runs associated data and text through the cipher, in place; returns where the text ends. */
  #crypt(
    context: CipherContext,
    nonce: Uint8Array,
    bytes: Uint8Array,
    packet: { start: number; textStart: number; textEnd: number; parameters: Address },
  ): Address {
    const contexts = this.#contexts;
    const { library, lengthAddress } = contexts;
    const { start, textStart, parameters } = packet;
    contexts.nonce.set(nonce);
    const base = contexts.addressOf(bytes);
    const text = base + textStart;
    const textBytes = packet.textEnd - textStart;
    // No call for what is empty: a null output, or a length of 0, means something else to some versions.
    const isDone =
      library.init(context.address, 0, 0, contexts.nonceAddress, sameDirection, parameters) === 1 &&
      (textStart === start ||
        library.update(context.address, 0, lengthAddress, base + start, textStart - start) === 1) &&
      (textBytes === 0 || library.update(context.address, text, lengthAddress, text, textBytes) === 1);
    if (!isDone) contexts.fail(context, 'openssl did not process a packet');
    return text + textBytes;
  }
}
