const BYTES_MIN = 256;

const BEYOND_LATIN_1 = /[\u0100-\uffff]/;

/** Where a text is in a ring, and in which form. */
export interface TextPlace {
  /** Bytes that were put in before. */
  readonly start: number;
  /** UTF-16 units. */
  readonly units: number;
  /** Two bytes for each unit instead of one. */
  readonly isWide: boolean;
}

/**
 * Texts one after the other in one piece of memory, the newest of which takes the room of the oldest that was forgotten. Most
 * texts take a byte for each character; those that have others than Latin-1 has take two.
 */
export class TextRing {
  #bytes = Buffer.alloc(0);
  #start = 0;
  #end = 0;

  /** Where the next text will begin. */
  get end(): number {
    return this.#end;
  }

  /** Puts a text behind the others; says whether it is wide. */
  add(text: string): boolean {
    if (!BEYOND_LATIN_1.test(text)) {
      this.#addNarrow(text);
      return false;
    }
    this.#need(2 * text.length);
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      this.#put(this.#end + 2 * index, unit >> 8);
      this.#put(this.#end + 2 * index + 1, unit);
    }
    this.#end += 2 * text.length;
    return true;
  }

  /** A text that is not forgotten. */
  at({ start, units, isWide }: TextPlace): string {
    if (!isWide) return this.#narrowAt(start, units);
    let text = '';
    for (let index = 0; index < units; index += 1) {
      const unit = (this.#get(start + 2 * index) << 8) | this.#get(start + 2 * index + 1);
      text += String.fromCharCode(unit);
    }
    return text;
  }

  /** Forgets the texts that begin before `start`, where one begins or the end is. */
  forgetBefore(start: number): void {
    this.#start = start;
    const used = this.#end - start;
    if (this.#bytes.length > BYTES_MIN && used <= this.#bytes.length / 4)
      this.#resize(this.#bytes.length / 2);
  }

  #addNarrow(text: string): void {
    const { length } = text;
    this.#need(length);
    const at = this.#end & (this.#bytes.length - 1);
    const written = this.#bytes.write(text, at, 'latin1');
    // What has no room before the end of the memory goes to its beginning.
    if (written < length) this.#bytes.write(text.slice(written), 0, 'latin1');
    this.#end += length;
  }

  #narrowAt(start: number, units: number): string {
    const at = start & (this.#bytes.length - 1);
    const text = this.#bytes.toString('latin1', at, at + units);
    return text.length === units ? text : text + this.#bytes.toString('latin1', 0, units - text.length);
  }

  #put(at: number, byte: number): void {
    this.#bytes[at & (this.#bytes.length - 1)] = byte;
  }

  #get(at: number): number {
    return this.#bytes[at & (this.#bytes.length - 1)] as number;
  }

  #need(count: number): void {
    let { length } = this.#bytes;
    if (this.#end + count - this.#start <= length) return;
    length = Math.max(length, BYTES_MIN);
    while (this.#end + count - this.#start > length) length *= 2;
    this.#resize(length);
  }

  #resize(length: number): void {
    const bytes = Buffer.alloc(length);
    for (let at = this.#start; at < this.#end; ) {
      const [from, to] = [at & (this.#bytes.length - 1), at & (length - 1)];
      const count = Math.min(this.#end - at, this.#bytes.length - from, length - to);
      bytes.set(this.#bytes.subarray(from, from + count), to);
      at += count;
    }
    this.#bytes = bytes;
  }
}
