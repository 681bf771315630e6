import { InvalidConfigError } from '../../core/index.ts';
import type { AeadKey, CipherSuite, CryptoProvider } from '../../core/keys/crypto.ts';
import { NONCE_BYTES, TAG_BYTES } from '../../core/keys/crypto.ts';
import { nodeCryptoProvider } from '../crypto-provider.ts';
import type { UdpIo } from '../udp-socket.ts';
import { checkKnownAnswer } from './known-answers.ts';
import { OpensslAeadKey } from './openssl-aead-key.ts';
import { OpensslContexts } from './openssl-contexts.ts';
import { loadOpenssl } from './openssl-library.ts';

/** What protects packets: `openssl-ffi` calls OpenSSL through koffi, `node` goes through `node:crypto`. */
export type AeadLibrary = 'openssl-ffi' | 'node';

/** What to use: `auto` takes `openssl-ffi` where a self-test passes, and `node` elsewhere. */
export type AeadChoice = 'auto' | AeadLibrary;

/** The cryptography of an endpoint. */
export interface PacketCrypto {
  readonly crypto: CryptoProvider;
  /** What protects packets. */
  readonly library: AeadLibrary;
  /** The cipher that is fast here comes first. */
  readonly cipherSuites: readonly CipherSuite[];
  /** Why it is not `openssl-ffi`; undefined when it is, or was not asked for. */
  readonly missing: string | undefined;
}

const CHOICES: readonly AeadChoice[] = ['auto', 'openssl-ffi', 'node'];

const SUITES: readonly CipherSuite[] = ['aes-128-gcm', 'chacha20-poly1305'];

const found = new Map<AeadChoice, PacketCrypto>();

/** The choice, tested once in each thread. Throws `InvalidConfigError` for one that is none, or does not work here. */
export function findPacketCrypto(choice: AeadChoice = 'auto'): PacketCrypto {
  let result = found.get(choice);
  if (result === undefined) {
    result = probe(choice);
    found.set(choice, result);
  }
  return result;
}

/** What to use beside this way to the system: whoever wants no native code for datagrams wants none for packets either. */
export function aeadFor(io: UdpIo | undefined): AeadChoice {
  return io === 'portable' ? 'node' : 'auto';
}

type CreateAeadKey = CryptoProvider['createAeadKey'];

function probe(choice: AeadChoice): PacketCrypto {
  if (!CHOICES.includes(choice)) throw new InvalidConfigError('aead', `one of ${CHOICES.join(', ')}`, choice);
  const native = choice === 'node' ? { missing: undefined } : probeOpenssl();
  if (choice === 'openssl-ffi' && native.missing !== undefined)
    throw new InvalidConfigError('aead', `a library of this machine (${native.missing})`, choice);
  const createAeadKey = native.createAeadKey ?? nodeCryptoProvider.createAeadKey;
  return {
    crypto: { ...nodeCryptoProvider, createAeadKey },
    library: native.createAeadKey === undefined ? 'node' : 'openssl-ffi',
    cipherSuites: orderBySpeed(createAeadKey),
    missing: native.missing,
  };
}

function probeOpenssl(): { createAeadKey?: CreateAeadKey; missing: string | undefined } {
  try {
    const contexts = new OpensslContexts(loadOpenssl());
    const createAeadKey = (suite: CipherSuite, key: Uint8Array) => new OpensslAeadKey(contexts, suite, key);
    for (const suite of SUITES) checkKnownAnswer(suite, createAeadKey);
    return { createAeadKey, missing: undefined };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { missing: text.split('\n', 1)[0] };
  }
}

const MEASURED_BYTES = 65_536;
const MEASURED_ROUNDS = 5;
/** With AES in hardware it takes less than ChaCha20, without it several times as long: nothing lies near this. */
const AES_TIME_RATIO_MAX = 1.5;

/** AES-128-GCM first where the processor has instructions for it, otherwise ChaCha20-Poly1305. */
function orderBySpeed(create: CreateAeadKey): readonly CipherSuite[] {
  const aesMs = sealingMs(create('aes-128-gcm', new Uint8Array(16)));
  const chachaMs = sealingMs(create('chacha20-poly1305', new Uint8Array(32)));
  return aesMs <= AES_TIME_RATIO_MAX * chachaMs ? SUITES : [...SUITES].reverse();
}

/** The best of a few rounds: what another process takes meanwhile does not count. */
function sealingMs(key: AeadKey): number {
  const bytes = new Uint8Array(MEASURED_BYTES + TAG_BYTES);
  const nonce = new Uint8Array(NONCE_BYTES);
  let bestMs = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MEASURED_ROUNDS; round += 1) {
    const startMs = performance.now();
    key.seal(nonce, bytes, 0, 0, MEASURED_BYTES);
    bestMs = Math.min(bestMs, performance.now() - startMs);
  }
  return bestMs;
}
