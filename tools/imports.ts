import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { ROOMS, type Room } from './rooms.ts';

const WORLD =
  /^node:(fs|fs\/promises|child_process|net|http|https|http2|tls|dgram|dns|cluster|worker_threads)$/;
const FORBIDDEN_NAMES = /(^|\/)(utils?|helpers?|common|misc|managers?)(\.ts$|\/)/i;
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(?:type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'|import\('([^']+)'\)/g;

/** Checks the table of rooms over every TypeScript file of the repository; returns one line per breach and the number of files read. */
export function checkImports(root: string): { readonly breaches: string[]; readonly files: number } {
  const breaches: string[] = [];
  let files = 0;
  for (const room of ROOMS) {
    for (const file of typescriptFiles(join(root, room.folder))) {
      files++;
      const path = file.slice(root.length + 1);
      if (FORBIDDEN_NAMES.test(path)) breaches.push(`${path}: a drawer without a noun`);
      for (const specifier of importsOf(file)) breaches.push(...breachesOf(room, path, specifier));
    }
  }
  return { breaches, files };
}

function breachesOf(room: Room, path: string, specifier: string): string[] {
  const isTest = path.endsWith('.test.ts') || path.endsWith('/testing.ts');
  if (WORLD.test(specifier) && !room.touchesWorld) {
    return [`${path}: room ${room.name} may not touch the world (${specifier})`];
  }
  if (specifier.startsWith('.')) {
    const target = normalize(join(dirname(path), specifier));
    return target.startsWith(`${room.folder}/`)
      ? []
      : [`${path}: a relative import leaves the room (${specifier})`];
  }
  if (!specifier.startsWith('#')) return [];
  const [, target = ''] = /^#([^/]+)\//.exec(specifier) ?? [];
  if (/\/_[^/]+$/.test(specifier)) return [`${path}: ${specifier} is private to its room`];
  if (target === room.name || room.imports.includes(target)) return [];
  if (isTest && specifier.endsWith('/testing.ts')) return [];
  return [`${path}: room ${room.name} may not import ${target || specifier}`];
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '');
}

function typescriptFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder, { recursive: true }) as string[];
  } catch {
    return [];
  }
  return names.filter((name) => name.endsWith('.ts')).map((name) => join(folder, name));
}
