import type { Host } from '#system/host.ts';
import { type Answer, type ApiServer, askApi, askApiWithTokens, type Credentials } from './apiAccess.ts';
import type { Row } from './rows.ts';

/** One cluster as seen from outside. */
export interface Side {
  readonly server: ApiServer;
  readonly kubeconfig: Credentials;
  /** Service account tokens by `namespace/name`. */
  readonly tokens: ReadonlyMap<string, string>;
  /** A token that the cluster has issued just now. */
  readonly freshToken: string;
}

const OK = 200;
const UNAUTHORIZED = 401;
const FORBIDDEN = 403;

/** The credentials of each cluster work there and nowhere else; `network` runs programs in the lab's network. */
export async function accessRows(
  network: Pick<Host, 'run' | 'files'>,
  workFolder: string,
  sides: { readonly seed: Side; readonly clone: Side },
): Promise<Row[]> {
  const ask = (server: ApiServer, credentials: Credentials, verify: boolean) =>
    askApi(network, `${workFolder}/${server.ip}`, { server, credentials, verify });
  const rows: Row[] = [];
  const { seed, clone } = sides;
  for (const [owner, side] of Object.entries(sides)) {
    const trusting = await Promise.all([
      ask(seed.server, side.kubeconfig, true),
      ask(clone.server, side.kubeconfig, true),
    ]);
    rows.push(row(`${owner}'s kubeconfig`, owner, trusting, OK));
    const blind = await Promise.all([
      ask(seed.server, side.kubeconfig, false),
      ask(clone.server, side.kubeconfig, false),
    ]);
    rows.push(row(`${owner}'s client certificate alone`, owner, blind, OK));
    rows.push(await tokensRow(network, { what: 'new token', owner, sides, tokens: [side.freshToken] }));
    rows.push(
      await tokensRow(network, {
        what: 'service account tokens',
        owner,
        sides,
        tokens: [...side.tokens.values()],
      }),
    );
  }
  return rows;
}

/** Every token of a cluster: it is known where it belongs (allowed or not to list namespaces) and to nobody else. */
async function tokensRow(
  network: Pick<Host, 'run'>,
  options: {
    readonly what: string;
    readonly owner: string;
    readonly sides: { readonly seed: Side; readonly clone: Side };
    readonly tokens: readonly string[];
  },
): Promise<Row> {
  const { what, owner, sides, tokens } = options;
  const { seed, clone } = sides;
  const [onSeed, onClone] = await Promise.all(
    [seed, clone].map(async (side) => tally(await askApiWithTokens(network, side.server, tokens))),
  );
  const [own, foreign] = owner === 'seed' ? [onSeed!, onClone!] : [onClone!, onSeed!];
  const text = (count: Tally) => `${count.known} of ${tokens.length} accepted`;
  return {
    what: `${owner}'s ${what}`,
    seed: text(onSeed!),
    clone: text(onClone!),
    expected: 'refused',
    ok: tokens.length > 0 && own.known === tokens.length && foreign.refused === tokens.length,
  };
}

interface Tally {
  readonly known: number;
  readonly refused: number;
}

function tally(answers: readonly Answer[]): Tally {
  const count = (...statuses: number[]) =>
    answers.filter((answer) => answer.kind === 'status' && statuses.includes(answer.status)).length;
  return { known: count(OK, FORBIDDEN), refused: count(UNAUTHORIZED) };
}

function row(what: string, owner: string, answers: readonly Answer[], status: number): Row {
  const [onSeed, onClone] = answers as [Answer, Answer];
  const own = owner === 'seed' ? onSeed : onClone;
  const foreign = owner === 'seed' ? onClone : onSeed;
  const works = own.kind === 'status' && own.status === status;
  const refused =
    foreign.kind === 'untrusted' || (foreign.kind === 'status' && foreign.status === UNAUTHORIZED);
  return {
    what,
    seed: describe(onSeed),
    clone: describe(onClone),
    expected: 'refused',
    ok: works && refused,
  };
}

function describe(answer: Answer): string {
  if (answer.kind !== 'status') return answer.kind;
  if (answer.status === OK) return 'works';
  return answer.status === UNAUTHORIZED ? 'refused (401)' : `HTTP ${answer.status}`;
}
