import { isCollection, isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import type { Parsed, Problem, Report, SourcePosition } from '#base/report.ts';
import { parsed, refused } from '#base/report.ts';
import { type FieldPath, parseFieldPath } from './fieldPath.ts';

/** A YAML or JSON document as plain values, with the way back to its lines. */
export interface SourceText {
  readonly value: unknown;
  /** Where the field stands, or its nearest ancestor that is written in the document. */
  positionOf(path: FieldPath): SourcePosition | undefined;
}

/** A document never expands to more aliased nodes than this; Go's decoder has a like limit against alias bombs. */
const MAX_ALIASES = 100;

/**
 * Reads one YAML document (JSON is a subset of it).
 *
 * Problems: syntax errors, duplicate keys and more than one document, all with their positions.
 */
export function parseSourceText(text: string): Parsed<SourceText> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
  });
  const at = (offset: number): SourcePosition => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  if (document.errors.length > 0) {
    return refused(
      document.errors.map((e) => ({
        path: '',
        severity: 'error',
        message: e.message,
        position: at(e.pos[0]),
      })),
    );
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return parsed({
      value,
      positionOf: (path) => {
        const offset = offsetOf(document.contents, path);
        return offset === undefined ? undefined : at(offset);
      },
    });
  } catch {
    return refused([
      { path: '', severity: 'error', message: 'the document has an endless or too deep alias' },
    ]);
  }
}

/** Gives every problem without a position the one that its path has in the source. */
export function locateProblems(report: Report, source: SourceText): Report {
  return report.map((p): Problem => {
    const position = p.position ?? source.positionOf(parseFieldPath(p.path));
    return position === undefined ? p : { ...p, position };
  });
}

function offsetOf(root: Node | null, path: FieldPath): number | undefined {
  let node: unknown = root;
  let offset = root?.range?.[0];
  for (const step of path) {
    if (!isCollection(node)) break;
    const found = isMap(node) ? pairOf(node.items, step) : node.items[Number(step)];
    if (found === undefined) break;
    const key: unknown = isPair(found) ? found.key : found;
    node = isPair(found) ? found.value : found;
    offset = (key as Node | null)?.range?.[0] ?? offset;
  }
  return offset;
}

/** Some of upstream's paths are capitalised differently from the document's keys. */
function pairOf(pairs: readonly unknown[], key: string | number): unknown {
  const wanted = String(key).toLowerCase();
  return pairs.find(
    (pair) => isPair(pair) && String(isScalar(pair.key) ? pair.key.value : pair.key).toLowerCase() === wanted,
  );
}
