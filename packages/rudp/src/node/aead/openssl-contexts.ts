import { AeadFailedError, type CipherSuite, nonceBytes, tagBytes } from '../../core/keys/crypto.ts';
import { type Address, type OpensslLibrary, parameterListBytes, writeParameter } from './openssl-library.ts';

/**
 * Contexts of one thread, about a kilobyte each in OpenSSL 3: two for each connection that is busy, so that two thousand of them
 * keep theirs. More only cost the set-up of a key whenever one comes back to a context that another took.
 */
const contextsMax = 4096;

/** A context of OpenSSL. It belongs to whoever made the last claim. */
export interface CipherContext {
  readonly address: Address;
  /** Changes with every claim: a key that remembers another number has lost the context. */
  claim: number;
}

/** 1 encrypts, 0 decrypts (EVP_CipherInit_ex). */
export type Direction = 0 | 1;

/** Offsets in the scratch memory: nonce, the length that OpenSSL reports, a key on its way, tag, the name of the tag, the list that asks for it. */
const nonceAt = 0;
const lengthAt = 16;
const keyAt = 32;
const tagAt = 64;
const nameAt = 80;
const parametersAt = 88;
const scratchBytes = parametersAt + parameterListBytes;

/**
 * Native contexts, reused in turn. Their number is bounded, and no context is ever freed: memory that native code knows by its
 * address alone can neither leak with the keys of a connection nor be used after its end.
 */
export class OpensslContexts {
  readonly library: OpensslLibrary;
  /** Where the nonce of the present call is; `nonce` is the same memory. */
  readonly nonceAddress: Address;
  readonly nonce: Uint8Array;
  readonly lengthAddress: Address;
  /** Names `tag` to `init` and `read`. */
  readonly tagParameters: Address;
  readonly tag: Uint8Array;
  readonly #ciphers: Readonly<Record<CipherSuite, Address>>;
  readonly #scratch = new Uint8Array(new ArrayBuffer(scratchBytes));
  readonly #scratchAddress: Address;
  readonly #contexts: CipherContext[] = [];
  readonly #contextsMax: number;
  #next = 0;
  #claims = 0;
  /** The buffer whose address was asked for last; held, so that it cannot go while its address is known. */
  #lastBuffer: ArrayBufferLike | undefined;
  #lastAddress: Address = 0;

  constructor(library: OpensslLibrary, limit: number = contextsMax) {
    this.library = library;
    this.#contextsMax = limit;
    this.#ciphers = {
      'aes-128-gcm': library.aes128Gcm(),
      'chacha20-poly1305': library.chacha20Poly1305(),
    };
    this.#scratchAddress = library.addressOf(this.#scratch);
    this.nonceAddress = this.#scratchAddress + nonceAt;
    this.nonce = this.#scratch.subarray(nonceAt, nonceAt + nonceBytes);
    this.lengthAddress = this.#scratchAddress + lengthAt;
    this.tagParameters = this.#scratchAddress + parametersAt;
    this.tag = this.#scratch.subarray(tagAt, tagAt + tagBytes);
    this.#scratch.set(new TextEncoder().encode('tag'), nameAt);
    writeParameter(new BigUint64Array(this.#scratch.buffer, parametersAt, parameterListBytes / 8), {
      name: this.#scratchAddress + nameAt,
      value: this.#scratchAddress + tagAt,
      valueBytes: tagBytes,
    });
  }

  /** Contexts that exist. */
  get count(): number {
    return this.#contexts.length;
  }

  /** A context with this key, new or taken from whoever claimed one longest ago. Throws `AeadFailedError`. */
  claim(suite: CipherSuite, key: Uint8Array, direction: Direction): CipherContext {
    const context = this.#takeContext();
    this.#claims += 1;
    context.claim = this.#claims;
    this.#scratch.set(key, keyAt);
    const keyAddress = this.#scratchAddress + keyAt;
    const cipher = this.#ciphers[suite];
    const result =
      cipher === 0
        ? 0
        : this.library.init(context.address, cipher, keyAddress, this.nonceAddress, direction, 0);
    this.#scratch.fill(0, keyAt, tagAt);
    if (result !== 1) this.fail(context, `openssl does not take a key for ${suite}`);
    return context;
  }

  /** Nobody may go on with this context. Throws `AeadFailedError`. */
  fail(context: CipherContext, message: string): never {
    context.claim = 0;
    this.library.clearErrors();
    throw new AeadFailedError(message);
  }

  /** Where `bytes` begins. The caller keeps to `bytes.length`, which is 0 once a buffer is detached. */
  addressOf(bytes: Uint8Array): Address {
    // Many packets lie in one buffer: its address is asked for once.
    if (bytes.buffer !== this.#lastBuffer) {
      this.#lastAddress = this.library.addressOf(bytes) - bytes.byteOffset;
      this.#lastBuffer = bytes.buffer;
    }
    return this.#lastAddress + bytes.byteOffset;
  }

  #takeContext(): CipherContext {
    if (this.#contexts.length < this.#contextsMax) {
      const address = this.library.newContext();
      if (address === 0) throw new AeadFailedError('openssl has no memory for a context');
      const context = { address, claim: 0 };
      this.#contexts.push(context);
      return context;
    }
    const context = this.#contexts[this.#next] as CipherContext;
    this.#next = (this.#next + 1) % this.#contextsMax;
    return context;
  }
}
