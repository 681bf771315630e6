import { endianness } from 'node:os';
import { AeadFailedError, type CipherSuite, NONCE_BYTES, TAG_BYTES } from '../../core/keys/crypto.ts';
import {
  type Address,
  type OpensslLibrary,
  PARAMETER_LIST_BYTES,
  PARAMETER_VALUE_AT,
  writeParameter,
} from './openssl-library.ts';

/**
 * Contexts of one thread, about a kilobyte each in OpenSSL 3: two for each connection that is busy, so that two thousand of them
 * keep theirs. More only cost the set-up of a key whenever one comes back to a context that another took.
 */
const CONTEXTS_MAX = 4096;

/** A context of OpenSSL. It belongs to whoever made the last claim. */
export interface CipherContext {
  readonly address: Address;
  /** Changes with every claim: a key that remembers another number has lost the context. */
  claim: number;
}

/** 1 encrypts, 0 decrypts (EVP_CipherInit_ex). */
export type Direction = 0 | 1;

/** Offsets in the scratch memory: nonce, the length that OpenSSL reports, a key on its way, the name of the tag, the list that asks for it. */
const NONCE_AT = 0;
const LENGTH_AT = 16;
const KEY_AT = 32;
const NAME_AT = 64;
const PARAMETERS_AT = 72;
/** Which of the 32-bit halves of an address is the lower one. */
const lowHalf = endianness() === 'LE' ? 0 : 1;
const SCRATCH_BYTES = PARAMETERS_AT + PARAMETER_LIST_BYTES;

/**
 * Native contexts, reused in turn. Their number is bounded, and no context is ever freed: memory that native code knows by its
 * address alone can neither leak with the keys of a connection nor be used after its end.
 */
export class OpensslContexts {
  readonly library: OpensslLibrary;
  /** Where `setNonce` puts the nonce of the present call. */
  readonly nonceAddress: Address;
  readonly lengthAddress: Address;
  readonly #ciphers: Readonly<Record<CipherSuite, Address>>;
  readonly #scratch = new Uint8Array(new ArrayBuffer(SCRATCH_BYTES));
  readonly #scratchAddress: Address;
  /** The two halves of the tag's address in the list that asks for it. */
  readonly #tagAddress: Uint32Array;
  readonly #contexts: CipherContext[] = [];
  readonly #contextsMax: number;
  #next = 0;
  #claims = 0;
  /** Whose address was asked for last; held, so that its memory cannot go while the address is known. */
  #lastBytes: Uint8Array | undefined;
  #lastAddress: Address = 0;

  constructor(library: OpensslLibrary, limit: number = CONTEXTS_MAX) {
    this.library = library;
    this.#contextsMax = limit;
    this.#ciphers = {
      'aes-128-gcm': library.aes128Gcm(),
      'chacha20-poly1305': library.chacha20Poly1305(),
    };
    this.#scratchAddress = library.addressOf(this.#scratch);
    this.nonceAddress = this.#scratchAddress + NONCE_AT;
    this.lengthAddress = this.#scratchAddress + LENGTH_AT;
    this.#tagAddress = new Uint32Array(this.#scratch.buffer, PARAMETERS_AT + PARAMETER_VALUE_AT, 2);
    this.#scratch.set(new TextEncoder().encode('tag'), NAME_AT);
    writeParameter(new BigUint64Array(this.#scratch.buffer, PARAMETERS_AT, PARAMETER_LIST_BYTES / 8), {
      name: this.#scratchAddress + NAME_AT,
      value: 0,
      valueBytes: TAG_BYTES,
    });
  }

  /** Contexts that exist. */
  get count(): number {
    return this.#contexts.length;
  }

  setNonce(nonce: Uint8Array): void {
    // Not by set(), a call that costs more than twelve bytes do.
    for (let index = 0; index < NONCE_BYTES; index += 1)
      this.#scratch[NONCE_AT + index] = nonce[index] as number;
  }

  /** The list that names the tag at `address` to `init…` and `read`; valid until the next one. */
  tagParameters(address: Address): Address {
    this.#tagAddress[lowHalf] = address;
    this.#tagAddress[1 - lowHalf] = address / 0x1_0000_0000;
    return this.#scratchAddress + PARAMETERS_AT;
  }

  /** A context with this key, new or taken from whoever claimed one longest ago. Throws `AeadFailedError`. */
  claim(suite: CipherSuite, key: Uint8Array, direction: Direction): CipherContext {
    const context = this.#takeContext();
    this.#claims += 1;
    context.claim = this.#claims;
    this.#scratch.set(key, KEY_AT);
    const keyAddress = this.#scratchAddress + KEY_AT;
    const cipher = this.#ciphers[suite];
    const { initEncryption, initDecryption } = this.library;
    const init = direction === 1 ? initEncryption : initDecryption;
    const result = cipher === 0 ? 0 : init(context.address, cipher, keyAddress, this.nonceAddress, 0);
    this.#scratch.fill(0, KEY_AT, NAME_AT);
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
    if (bytes !== this.#lastBytes) {
      this.#lastAddress = this.library.addressOf(bytes);
      this.#lastBytes = bytes;
    }
    return this.#lastAddress;
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
