import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import type koffi from 'koffi';

/** A pointer as a number: addresses of user space stay far below 2^53. 0 is the null pointer. */
export type Address = number;

type InitCipher = (
  context: Address,
  cipher: Address,
  key: Address,
  nonce: Address,
  parameters: Address,
) => number;

/**
 * The functions of OpenSSL's libcrypto that an AEAD needs (EVP_EncryptInit(3)). Those that return a number give 1 for success.
 * Pointers are plain addresses: koffi turns a view into one at the price of the call itself.
 */
export interface OpensslLibrary {
  /** A context without a key; 0 when memory is short. */
  newContext(): Address;
  /** The algorithm, or 0 when this build has none. */
  aes128Gcm(): Address;
  chacha20Poly1305(): Address;
  /** Make a context encrypt or decrypt, and set what is not null. */
  readonly initEncryption: InitCipher;
  readonly initDecryption: InitCipher;
  /** Without `output` the input is associated data. */
  update(context: Address, output: Address, outputBytes: Address, input: Address, inputBytes: number): number;
  /** The end of the text; 0 when decrypting and the tag does not match. */
  final(context: Address, output: Address, outputBytes: Address): number;
  /** Writes what `parameters` ask for to where they say. */
  read(context: Address, parameters: Address): number;
  clearErrors(): void;
  /** Where the memory of `view` begins. Valid as long as its buffer is neither collected nor detached. */
  addressOf(view: Uint8Array): Address;
}

/** Bytes of a list of one parameter: two `OSSL_PARAM` of five words (OSSL_PARAM(3)), the second of them empty. */
export const PARAMETER_LIST_BYTES = 2 * 5 * 8;
/** Where the address of the value of the first one is in it. */
export const PARAMETER_VALUE_AT = 2 * 8;
/** Type of a parameter whose value is bytes: `OSSL_PARAM_OCTET_STRING`. */
const OCTET_STRING_TYPE = 5n;

/** Fills `list`, whose first byte must be aligned, with one parameter: the name is text that ends with a zero byte. */
export function writeParameter(
  list: BigUint64Array,
  parameter: { readonly name: Address; readonly value: Address; readonly valueBytes: number },
): void {
  // The type is an `unsigned int` at the beginning of its word.
  const type = endianness() === 'LE' ? OCTET_STRING_TYPE : OCTET_STRING_TYPE << 32n;
  list.set([BigInt(parameter.name), type, BigInt(parameter.value), BigInt(parameter.valueBytes)]);
}

/**
 * The OpenSSL that this process runs already, found among its own symbols by koffi: the official builds of Node export it, those of
 * distributions load it as a shared library. Throws when koffi, an optional dependency, is not there, or a symbol is missing.
 */
export function loadOpenssl(): OpensslLibrary {
  const { load, address, sizeof } = createRequire(import.meta.url)('koffi') as typeof koffi;
  if (sizeof('void *') !== 8) throw new Error('parameters of openssl are laid out for 64 bits');
  const process = load(null);
  const pointer = 'uintptr_t';
  const initArguments = [pointer, pointer, pointer, pointer, pointer];
  const newContext = process.func('EVP_CIPHER_CTX_new', pointer, []);
  const aes128Gcm = process.func('EVP_aes_128_gcm', pointer, []);
  const chacha20Poly1305 = process.func('EVP_chacha20_poly1305', pointer, []);
  return {
    newContext: () => Number(newContext()),
    aes128Gcm: () => Number(aes128Gcm()),
    chacha20Poly1305: () => Number(chacha20Poly1305()),
    initEncryption: process.func('EVP_EncryptInit_ex2', 'int', initArguments),
    initDecryption: process.func('EVP_DecryptInit_ex2', 'int', initArguments),
    update: process.func('EVP_CipherUpdate', 'int', [pointer, pointer, pointer, pointer, 'int']),
    final: process.func('EVP_CipherFinal_ex', 'int', [pointer, pointer, pointer]),
    read: process.func('EVP_CIPHER_CTX_get_params', 'int', [pointer, pointer]),
    clearErrors: process.func('ERR_clear_error', 'void', []),
    addressOf: (view) => Number(address(view)),
  };
}
