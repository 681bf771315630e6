/** A buffer for one train, and the callback that returns it. */
export interface TransmitSlab {
  readonly bytes: Uint8Array;
  /** To be called once the train in it has been handed to the system. */
  readonly release: () => void;
}

/** What the core asks for: one segmentation-offload send. */
const SLAB_BYTES = 65_536;
/** 1 MiB in all. When every slab waits for a socket that is full, more bytes would only wait longer. */
const SLABS_MAX = 16;

/** The buffers of one socket: allocated when first needed, reused for ever, bounded. */
export class TransmitSlabs {
  readonly #free: TransmitSlab[] = [];
  readonly #onFree: () => void;
  #allocated = 0;
  #isEmptyHanded = false;

  /** `onFree` is called when a slab comes back after `take` had none to give. */
  constructor(onFree: () => void) {
    this.#onFree = onFree;
  }

  /** The last `take` had nothing to give, and nothing has come back since. */
  get isExhausted(): boolean {
    return this.#isEmptyHanded;
  }

  /** A slab, or undefined while all of them are in use. */
  take(): TransmitSlab | undefined {
    const slab = this.#free.pop() ?? this.#allocate();
    this.#isEmptyHanded = slab === undefined;
    return slab;
  }

  #allocate(): TransmitSlab | undefined {
    if (this.#allocated === SLABS_MAX) return undefined;
    this.#allocated += 1;
    const slab: TransmitSlab = { bytes: new Uint8Array(SLAB_BYTES), release: () => this.#release(slab) };
    return slab;
  }

  #release(slab: TransmitSlab): void {
    this.#free.push(slab);
    if (!this.#isEmptyHanded) return;
    this.#isEmptyHanded = false;
    this.#onFree();
  }
}
