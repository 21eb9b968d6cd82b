import { parsePaxRecords, parseTarHeader, TAR_BLOCK, tarFailure } from './tarHeader.ts';

/** Extended headers and GNU long names are small; anything larger is an attack on memory. */
const MAX_META = 1024 * 1024;
const META = 'xgLK';
/** Files, hard and symbolic links, directories, contiguous files. */
const HARMLESS = '\x0001257';

/**
 * Passes a tar stream on as it is, for another program to unpack, as long as every member is one that may be unpacked
 * below a directory of a system: no absolute path, no `..`, no hard link to outside, no device node or pipe. Symbolic
 * links may point anywhere, as they do in /etc. Failure `formats/tar-...` before a refused member has been passed on.
 */
export async function* guardTar(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const guard = new Guard();
  for await (const chunk of source) yield* guard.accept(chunk);
  guard.finish();
}

class Guard {
  /** Of a header or extended header that is not complete yet. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** What the pending bytes are to become. */
  #wanted = TAR_BLOCK;
  #metaFlag = '';
  #metaSize = 0;
  #content = 0;
  #isOver = false;
  #overrides = new Map<string, string>();

  *accept(chunk: Buffer): Generator<Buffer> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#isOver || this.#content > 0) {
        const passed = this.#isOver ? rest : rest.subarray(0, this.#content);
        if (!this.#isOver) this.#content -= passed.length;
        rest = rest.subarray(passed.length);
        yield passed;
        continue;
      }
      const part = rest.subarray(0, this.#wanted - this.#pendingBytes);
      rest = rest.subarray(part.length);
      this.#pending.push(part);
      this.#pendingBytes += part.length;
      if (this.#pendingBytes < this.#wanted) return;
      const whole = this.#pending.length === 1 ? part : Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      if (this.#metaFlag === '') this.#header(whole);
      else this.#meta(whole);
      yield whole;
    }
  }

  finish(): void {
    if (!this.#isOver) throw tarFailure('truncated', 'it ends in the middle');
  }

  #header(block: Buffer): void {
    if (block.every((byte) => byte === 0)) {
      this.#isOver = true;
      return;
    }
    const header = parseTarHeader(block);
    if (META.includes(header.typeFlag)) {
      if (header.size > MAX_META)
        throw tarFailure('too-large', `an extended header has ${header.size} bytes`);
      this.#metaFlag = header.typeFlag;
      this.#metaSize = header.size;
      this.#wanted = padded(header.size);
      if (header.size === 0) this.#meta(Buffer.alloc(0));
      return;
    }
    const path = this.#overrides.get('path') ?? header.name;
    if (!HARMLESS.includes(header.typeFlag)) {
      const type = JSON.stringify(header.typeFlag);
      throw tarFailure(
        'kind-refused',
        `member ${path} is of type ${type} (device nodes and pipes are refused)`,
      );
    }
    refuseOutside(path, path);
    if (header.typeFlag === '1') refuseOutside(path, this.#overrides.get('linkpath') ?? header.linkName);
    const size = Number(this.#overrides.get('size') ?? header.size);
    if (!Number.isSafeInteger(size) || size < 0)
      throw tarFailure('damaged', `member ${path} has no usable size`);
    this.#content = '\x0007'.includes(header.typeFlag) ? padded(size) : 0;
    this.#overrides = new Map();
  }

  #meta(block: Buffer): void {
    const data = block.subarray(0, this.#metaSize);
    const flag = this.#metaFlag;
    this.#metaFlag = '';
    this.#wanted = TAR_BLOCK;
    if (flag === 'x') for (const [key, value] of parsePaxRecords(data)) this.#overrides.set(key, value);
    else if (flag === 'g') {
      const paths = [...parsePaxRecords(data).keys()].filter((key) =>
        ['path', 'linkpath', 'size'].includes(key),
      );
      if (paths.length > 0) throw tarFailure('damaged', `a global header sets ${paths.join(', ')}`);
    } else this.#overrides.set(flag === 'L' ? 'path' : 'linkpath', data.toString('utf8').replace(/\0+$/, ''));
  }
}

const padded = (size: number): number => Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;

function refuseOutside(member: string, path: string): void {
  if (!path.startsWith('/') && !path.split('/').includes('..')) return;
  throw tarFailure('path-refused', `member ${member} would lie or point outside: ${path}`);
}
