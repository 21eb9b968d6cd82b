/** A top-level folder and what it may import. `imports` names rooms; a room may always import itself. */
export interface Room {
  readonly name: string;
  readonly folder: string;
  readonly imports: readonly string[];
  /** May use node:fs, node:child_process, node:net, node:http and the like. */
  readonly touchesWorld?: true;
}

const FOUNDATIONS = ['base', 'formats', 'pki', 'k8s', 'api', 'system'];
const STORIES = ['installer', 'seed', 'ibi', 'postpivot', 'recert'];

/** The layering of the project (ARCHITECTURE.md): imports go downwards only, stories do not import each other. */
export const ROOMS: readonly Room[] = [
  { name: 'base', folder: 'src/base', imports: [] },
  { name: 'formats', folder: 'src/formats', imports: ['base'] },
  { name: 'pki', folder: 'src/pki', imports: ['base', 'formats'] },
  { name: 'k8s', folder: 'src/k8s', imports: ['base', 'formats'] },
  { name: 'api', folder: 'src/api', imports: ['base', 'formats'] },
  {
    name: 'system',
    folder: 'src/system',
    imports: ['base', 'formats', 'pki', 'k8s', 'api'],
    touchesWorld: true,
  },
  { name: 'machines', folder: 'src/machines', imports: FOUNDATIONS },
  ...STORIES.map((name) => ({ name, folder: `src/${name}`, imports: FOUNDATIONS })),
  {
    name: 'cli',
    folder: 'src/cli',
    imports: [...FOUNDATIONS, 'machines', ...STORIES, 'lab'],
    touchesWorld: true,
  },
  { name: 'bin', folder: 'bin', imports: ['cli'] },
  { name: 'lab', folder: 'lab', imports: [...FOUNDATIONS, 'machines', ...STORIES], touchesWorld: true },
  {
    name: 'tools',
    folder: 'tools',
    imports: ['api', 'base', 'cli', 'installer', 'recert', 'system'],
    touchesWorld: true,
  },
  {
    name: 'tests',
    folder: 'tests',
    imports: [...FOUNDATIONS, 'machines', ...STORIES, 'cli', 'lab', 'tools'],
    touchesWorld: true,
  },
  {
    name: 'bench',
    folder: 'bench',
    imports: [...FOUNDATIONS, 'machines', ...STORIES, 'cli', 'lab', 'tools', 'tests'],
    touchesWorld: true,
  },
];
