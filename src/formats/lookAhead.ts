/** A stream of which the next bytes can be looked at before they are taken. */
export class LookAhead {
  readonly #source: AsyncIterator<Buffer>;
  #chunks: Buffer[] = [];
  #length = 0;
  hasTaken = false;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fewer bytes only at the end. */
  async peek(size: number): Promise<Buffer> {
    while (this.#length < size) {
      const { done, value } = await this.#source.next();
      if (done) break;
      this.#chunks.push(value);
      this.#length += value.length;
    }
    if ((this.#chunks[0]?.length ?? 0) < size) this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0]!.subarray(0, size);
  }

  /** Fewer bytes only at the end. */
  async take(size: number): Promise<Buffer> {
    const taken = await this.peek(size);
    this.#chunks[0] = this.#chunks[0]!.subarray(taken.length);
    this.#length -= taken.length;
    this.hasTaken = true;
    return taken;
  }

  async *rest(): AsyncGenerator<Buffer> {
    yield* this.#chunks;
    for (let next = await this.#source.next(); !next.done; next = await this.#source.next()) yield next.value;
  }
}
