/** Writes the primitive types of the Kafka protocol (Kafka protocol guide, types); grows as needed. */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(256);
  #at = 0;

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  int64(value: number): this {
    this.#at = this.#room(8).writeBigInt64BE(BigInt(value), this.#at);
    return this;
  }

  uvarint(value: number): this {
    let rest = value;
    while (rest > 127) {
      this.int8(((rest & 127) | 128) - 256);
      rest >>>= 7;
    }
    return this.int8(rest);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    this.int16(Buffer.byteLength(value));
    return this.#text(value);
  }

  compactString(value: string): this {
    this.uvarint(Buffer.byteLength(value) + 1);
    return this.#text(value);
  }

  /** Bytes with their length as INT32. */
  bytes(value: Uint8Array): this {
    this.int32(value.length);
    return this.raw(value);
  }

  raw(value: Uint8Array): this {
    this.#room(value.length).set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  array<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(this, item);
    return this;
  }

  compactArray<T>(items: readonly T[], write: (writer: this, item: T) => void): this {
    this.uvarint(items.length + 1);
    for (const item of items) write(this, item);
    return this;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at);
  }

  #text(value: string): this {
    const size = Buffer.byteLength(value);
    this.#room(size).write(value, this.#at);
    this.#at += size;
    return this;
  }

  #room(size: number): Buffer {
    if (this.#at + size > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + size));
      this.#buffer.copy(grown, 0, 0, this.#at);
      this.#buffer = grown;
    }
    return this.#buffer;
  }
}

/** Reads the primitive types of the Kafka protocol. Throws RangeError past the end. */
export class WireReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  int8(): number {
    this.#at += 1;
    return this.#buffer.readInt8(this.#at - 1);
  }

  int16(): number {
    this.#at += 2;
    return this.#buffer.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  /** Exact up to 2^53. */
  int64(): number {
    this.#at += 8;
    return Number(this.#buffer.readBigInt64BE(this.#at - 8));
  }

  uvarint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.#buffer.readUInt8(this.#at++);
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }

  string(): string | null {
    const size = this.int16();
    return size < 0 ? null : this.raw(size).toString('utf8');
  }

  compactString(): string | null {
    const size = this.uvarint() - 1;
    return size < 0 ? null : this.raw(size).toString('utf8');
  }

  /** A view of the answer, not a copy; empty for null. */
  bytes(): Buffer {
    return this.raw(Math.max(0, this.int32()));
  }

  /** A view of the answer, not a copy. */
  raw(size: number): Buffer {
    const from = this.#at;
    this.#at += size;
    if (this.#at > this.#buffer.length) throw new RangeError('the answer ends too early');
    return this.#buffer.subarray(from, this.#at);
  }

  array<T>(read: (reader: this) => T): T[] {
    return this.#items(this.int32(), read);
  }

  compactArray<T>(read: (reader: this) => T): T[] {
    return this.#items(this.uvarint() - 1, read);
  }

  /** Passes over a section of tagged fields (KIP-482). */
  tags(): void {
    for (let left = this.uvarint(); left > 0; left -= 1) {
      this.uvarint();
      this.raw(this.uvarint());
    }
  }

  #items<T>(count: number, read: (reader: this) => T): T[] {
    const items: T[] = [];
    for (let left = count; left > 0; left -= 1) items.push(read(this));
    return items;
  }
}
