/** RFC 1952, 2.3: magic, method, flags, time, extra flags, system. */
const HEADER = 10;
const FLAGS_AT = 3;
const FEXTRA = 0x04;
/** One subfield: two letters of identification, its length, and the whole member's length; before it, their sum. */
const FIELD = 2 + 2 + 2 + 4;
const ID = 'Sw';
const ID_AT = HEADER + 2;
const LENGTH_AT = HEADER + 6;

/** Bytes of a member from its start that {@link memberLength} needs. */
export const MEMBER_HEAD = HEADER + FIELD;

/** A gzip member without extra field as one that carries its own length in it; readers skip what they don't know. */
export function labelMember(member: Buffer): Buffer {
  const labelled = Buffer.allocUnsafe(member.length + FIELD);
  member.copy(labelled, 0, 0, HEADER);
  labelled[FLAGS_AT] = FEXTRA;
  labelled.writeUInt16LE(FIELD - 2, HEADER);
  labelled.write(ID, ID_AT, 'latin1');
  labelled.writeUInt16LE(4, ID_AT + 2);
  labelled.writeUInt32LE(labelled.length, LENGTH_AT);
  member.copy(labelled, MEMBER_HEAD, HEADER);
  return labelled;
}

/** The length that the member which starts here carries, in bytes; undefined for a member that was made elsewhere. */
export function memberLength(head: Buffer): number | undefined {
  const ours =
    head.length >= MEMBER_HEAD &&
    head.readUInt32BE(0) >>> 8 === 0x1f8b08 &&
    head[FLAGS_AT] === FEXTRA &&
    head.readUInt16LE(HEADER) === FIELD - 2 &&
    head.toString('latin1', ID_AT, ID_AT + 2) === ID &&
    head.readUInt16LE(ID_AT + 2) === 4;
  return ours ? head.readUInt32LE(LENGTH_AT) : undefined;
}
