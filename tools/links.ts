import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** What is wrong in the documents below a folder, one line each, and what was looked at. */
export interface LinkCheck {
  readonly broken: readonly string[];
  readonly documents: number;
  readonly links: number;
}

const NOT_OURS = new Set(['node_modules', 'dist']);
const LINK = /(?<!!)\[[^\]]*\]\(([^)\s]+)\)/g;
const CODE_SPAN = /`([^`\n]+)`/g;
/** A file or folder/ of the repository in a code span; places of hosts are absolute, codes of failures have no ending. */
const REPOSITORY_PATH = /^(?:src|lab|tools|tests|docs|bench|bin)\/[\w./-]*(?:\.\w+|\/)$/;

/** Checks relative links with their anchors, paths of the repository in code spans, and names of npm scripts. */
export function checkLinks(root: string): LinkCheck {
  const scripts = npmScripts(root);
  const broken: string[] = [];
  let links = 0;
  const documents = markdownFiles(root);
  for (const file of documents) {
    const text = withoutCodeBlocks(readFileSync(file, 'utf8'));
    const tell = (what: string): void => void broken.push(`${file.slice(root.length + 1)}: ${what}`);
    for (const [, target = ''] of text.matchAll(LINK)) {
      if (/^[a-z]+:/.test(target)) continue;
      links++;
      if (!isThere(file, target)) tell(`link to ${target}`);
    }
    for (const [, span = ''] of text.matchAll(CODE_SPAN)) {
      if (REPOSITORY_PATH.test(span) && !existsSync(join(root, span))) tell(`path ${span}`);
      const script = /^npm run ([\w:-]+)/.exec(span)?.[1];
      if (script !== undefined && !scripts.has(script)) tell(`npm script ${script}`);
    }
  }
  return { broken, documents: documents.length, links };
}

function isThere(from: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : resolve(dirname(from), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchorsOf(readFileSync(file, 'utf8')).has(anchor);
}

/** Anchors as forges make them: lower case, blanks to dashes, other signs dropped. */
function anchorsOf(text: string): Set<string> {
  const headings = [...withoutCodeBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title);
  return new Set(
    headings.map((title) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const withoutCodeBlocks = (text: string): string => text.replaceAll(/^```.*?^```/gms, '');

function npmScripts(root: string): Set<string> {
  const manifest = join(root, 'package.json');
  const { scripts = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { scripts?: object };
  return new Set(Object.keys(scripts));
}

function markdownFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return NOT_OURS.has(entry.name) || entry.name.startsWith('.') ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}
