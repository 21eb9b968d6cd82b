import type { RunResult } from '#system/host.ts';

interface Pool {
  isActive: boolean;
  /** Description by name. */
  readonly volumes: Record<string, string>;
}

/** What a libvirt has, as plain JSON. */
export interface LibvirtState {
  readonly pools: Record<string, Pool>;
  readonly domains: Record<string, { isRunning: boolean; readonly xml: string }>;
  readonly bridges: readonly string[];
}

export const emptyLibvirt = (): LibvirtState => ({
  pools: {},
  domains: {},
  bridges: ['lo', 'baremetal', 'provisioning'],
});

const CAPABILITIES =
  '<capabilities><host><cpu><arch>x86_64</arch></cpu></host><guest><arch name="i686"/></guest></capabilities>';

type Verb = (state: LibvirtState, words: readonly string[], readFile: (path: string) => string) => string;

/** As libvirt: things are made once, and only what is there can be used. */
function must<T>(thing: T | undefined, message: string): T {
  if (thing === undefined) throw new Error(message);
  return thing;
}
const poolOf = (state: LibvirtState, name: string | undefined): Pool =>
  must(state.pools[name ?? ''], `no pool ${name}`);
const activePool = (state: LibvirtState, name: string | undefined): Pool => {
  const pool = poolOf(state, name);
  return must(pool.isActive ? pool : undefined, `pool ${name} is not active`);
};
const after = (words: readonly string[], flag: string): string => words[words.indexOf(flag) + 1] ?? '';
const names = (words: readonly string[], all: readonly [string, boolean][]): string =>
  all.flatMap(([name, isOn]) => (isOn || words.includes('--all') ? [`${name.padEnd(20)}\n`] : [])).join('');
const table = (first: string, rows: readonly string[]): string =>
  ` ${first}   Path\n--------------\n${rows.map((row) => ` ${row}   /x\n`).join('')}\n`;

const VERBS: Readonly<Record<string, Verb>> = {
  capabilities: () => CAPABILITIES,
  'iface-list': ({ bridges }) => table('Name', bridges),
  list: ({ domains }, words) =>
    names(
      words,
      Object.entries(domains).map(([n, d]) => [n, d.isRunning]),
    ),
  'pool-list': ({ pools }, words) =>
    names(
      words,
      Object.entries(pools).map(([n, p]) => [n, p.isActive]),
    ),
  'vol-list': (state, [pool]) => table('Name', Object.keys(activePool(state, pool).volumes)),
  'pool-define-as': ({ pools }, [name = '']) => {
    must(pools[name] === undefined ? name : undefined, `pool ${name} exists`);
    pools[name] = { isActive: false, volumes: {} };
    return '';
  },
  'pool-build': (state, [name]) => {
    poolOf(state, name);
    return '';
  },
  'pool-start': (state, [name]) => {
    poolOf(state, name).isActive = true;
    return '';
  },
  'pool-refresh': (state, [name]) => {
    activePool(state, name);
    return '';
  },
  'pool-destroy': (state, [name]) => {
    activePool(state, name).isActive = false;
    return '';
  },
  'pool-delete': (state, [name]) => {
    must(Object.keys(poolOf(state, name).volumes).length === 0 ? true : undefined, 'directory not empty');
    return '';
  },
  'pool-undefine': ({ pools }, [name = '']) => {
    delete pools[name];
    return '';
  },
  'vol-create-as': (state, [pool, name = '', ...rest]) => {
    const { volumes } = activePool(state, pool);
    must(volumes[name] === undefined ? name : undefined, `volume ${name} exists`);
    if (rest.includes('--backing-vol')) must(volumes[after(rest, '--backing-vol')], 'no backing volume');
    volumes[name] = rest.join(' ');
    return '';
  },
  'vol-upload': (state, words, readFile) => {
    const [name = '', path = ''] = words;
    const { volumes } = activePool(state, after(words, '--pool'));
    volumes[name] = `${must(volumes[name], `no volume ${name}`)} = ${readFile(path)}`;
    return '';
  },
  'vol-delete': (state, words) => {
    delete activePool(state, after(words, '--pool')).volumes[words[0] ?? ''];
    return '';
  },
  define: ({ domains }, words, readFile) => {
    const xml = readFile(words.at(-1) ?? '');
    domains[/<name>(.*?)<\/name>/.exec(xml)![1]!] = { isRunning: false, xml };
    return '';
  },
  undefine: ({ domains }, [name = '']) => {
    must(domains[name], `no domain ${name}`);
    delete domains[name];
    return '';
  },
  start: ({ domains }, [name = '']) => {
    const domain = must(domains[name], `no domain ${name}`);
    must(domain.isRunning ? undefined : true, 'domain is already running');
    domain.isRunning = true;
    return '';
  },
  destroy: ({ domains }, [name = '']) => {
    must(domains[name], `no domain ${name}`).isRunning = false;
    return '';
  },
};

/** Answers `virsh --connect URI VERB ...` and changes the state as libvirt would. */
export function virshAnswer(
  state: LibvirtState,
  argv: readonly string[],
  readFile: (path: string) => string,
): RunResult {
  const [, , , verb = '', ...words] = argv;
  try {
    return { code: 0, stdout: must(VERBS[verb], `unknown ${verb}`)(state, words, readFile), stderr: '' };
  } catch (error) {
    return { code: 1, stdout: '', stderr: (error as Error).message };
  }
}
