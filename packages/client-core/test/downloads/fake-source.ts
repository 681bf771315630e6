import { chunkBytesOf, piecesOf } from '@parley/protocol';
import type { DownloadOffer, TransferEnd, TransferHost, WantedBytes } from '../../src/index.ts';
import type { OpenStream } from '../../src/node/transfers/incoming-stream.ts';
import { TransferError } from '../../src/node/transfers/transfer-error.ts';
import { chunkHashesOf, chunkRootOf, sha256 } from './support.ts';

const SEGMENT_BYTES = 40_000;

/** What goes wrong with one stream. */
export interface StreamFault {
  /** It breaks when so many bytes were sent. */
  readonly breaksAfterBytes?: number;
  /** The byte at this place in the stream arrives as another one. */
  readonly flipsAt?: number;
}

/** A server with one file, whose streams arrive out of order and in this process. */
export class FakeSource {
  bytes: Buffer;
  /** Of this version; another one has another time. */
  modifiedAt = 1;
  /** The digests are not known before: they go with the bytes. */
  isUnhashed = false;
  /** They are known by the end of the stream. */
  isHashedMeanwhile = true;
  /** For the next streams, one each. */
  faults: StreamFault[] = [];
  /** How many bytes of streams were handed over. */
  sentBytes = 0;
  /** What was wanted, of all downloads. */
  readonly wanted: WantedBytes[] = [];
  readonly #random: () => number;
  readonly #streams = new Map<number, Buffer>();

  constructor(bytes: Buffer, random: () => number = () => 0.5) {
    this.bytes = bytes;
    this.#random = random;
  }

  readonly openStream: OpenStream = ({ transferId }, { sink, onEstablished }) => {
    const stream = this.#streams.get(transferId) as Buffer;
    const { breaksAfterBytes = Number.POSITIVE_INFINITY, flipsAt } = this.faults.shift() ?? {};
    let fail: (error: unknown) => void = () => undefined;
    const ended = new Promise<number>((resolve, reject) => {
      fail = reject;
      const send = async (): Promise<void> => {
        onEstablished('udp');
        let sent = 0;
        for (const start of this.#shuffledOffsets(stream.byteLength)) {
          await new Promise(setImmediate);
          const segment = Buffer.from(stream.subarray(start, start + SEGMENT_BYTES));
          if (sent + segment.byteLength > breaksAfterBytes) {
            throw new TransferError('connection-lost', 'the test says so');
          }
          sent += segment.byteLength;
          this.sentBytes += segment.byteLength;
          const flipped = flipsAt === undefined ? -1 : flipsAt - start;
          if (flipped >= 0 && flipped < segment.byteLength) segment[flipped] = ~(segment[flipped] as number);
          sink.write(start, segment);
        }
        resolve(stream.byteLength);
      };
      send().catch(reject);
    });
    return {
      ended,
      pause: () => undefined,
      resume: () => undefined,
      reset: () => fail(new TransferError('connection-lost', 'reset')),
    };
  };

  /** Downloads the file, with as many offers as it takes; `onWanted` may stop it instead of the next offer. */
  async fetch(
    host: TransferHost,
    targetPath: string,
    onWanted: (wanted: WantedBytes) => 'stop' | undefined = () => undefined,
  ): Promise<TransferEnd> {
    const download = host.download(
      { targetPath },
      {
        onProgress: () => undefined,
        onWanted: (wanted) => {
          this.wanted.push(wanted);
          if (onWanted(wanted) === 'stop') download.stop();
          else download.take(this.#offer(wanted));
        },
      },
    );
    return download.outcome;
  }

  #offer(wanted: WantedBytes): DownloadOffer {
    const { bytes, modifiedAt } = this;
    const digests = { sha256: sha256(bytes), chunkRoot: chunkRootOf(bytes) };
    const isFollowing = this.isUnhashed && this.#mayFollow(wanted);
    const transferId = this.#streams.size;
    this.#streams.set(transferId, isFollowing ? this.#following(wanted) : this.#listed(wanted));
    return {
      transferId,
      host: '127.0.0.1',
      udpPort: 1,
      tcpPort: 1,
      ticket: new Uint8Array(32),
      size: bytes.byteLength,
      modifiedAt,
      digests: isFollowing ? undefined : digests,
    };
  }

  // CHAT-DIGEST-1
  #mayFollow({ chunkRoot, ranges, version }: WantedBytes): boolean {
    if (ranges?.length === 0) return false;
    return version === undefined ? chunkRoot === undefined : this.#isVersion(version);
  }

  #isVersion({ size, modifiedAt }: NonNullable<WantedBytes['version']>): boolean {
    return size === this.bytes.byteLength && modifiedAt === this.modifiedAt;
  }

  // CHAT-CHUNK-3
  #listed({ chunkRoot: known, ranges = this.#whole, version }: WantedBytes): Buffer {
    const { bytes } = this;
    const isKnown = known !== undefined && Buffer.compare(known, chunkRootOf(bytes)) === 0;
    const isSame = known === undefined && (version === undefined || this.#isVersion(version));
    const sent = isKnown || isSame ? ranges : [];
    const parts = sent.map(({ start, end }) => bytes.subarray(start, end));
    return Buffer.concat([...(isKnown ? [] : [chunkHashesOf(bytes)]), ...parts]);
  }

  // CHAT-DIGEST-2
  #following({ ranges = this.#whole }: WantedBytes): Buffer {
    const { bytes } = this;
    const hashes = chunkHashesOf(bytes);
    const parts: Uint8Array[] = [];
    for (const range of ranges) {
      for (const { start, end } of piecesOf(range, bytes.byteLength)) {
        const index = Math.floor(start / chunkBytesOf(bytes.byteLength));
        parts.push(bytes.subarray(start, end), hashes.subarray(index * 32, index * 32 + 32));
      }
    }
    const trailer = this.isHashedMeanwhile ? [sha256(bytes), chunkRootOf(bytes)] : [Buffer.alloc(64)];
    return Buffer.concat([...parts, ...trailer]);
  }

  get #whole() {
    return [{ start: 0, end: this.bytes.byteLength }];
  }

  /** Mostly in order, as over a path that loses and reorders a little. */
  #shuffledOffsets(streamBytes: number): number[] {
    const offsets: { readonly offset: number; readonly rank: number }[] = [];
    for (let offset = 0; offset < streamBytes; offset += SEGMENT_BYTES) {
      const isLate = this.#random() < 0.1;
      offsets.push({ offset, rank: offset + (isLate ? this.#random() * 1_000_000 : 0) });
    }
    return offsets.sort((left, right) => left.rank - right.rank).map(({ offset }) => offset);
  }
}
