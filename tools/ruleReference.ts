import type { Renames } from '#recert/renames.ts';
import { RULES } from '#recert/rules/table.ts';
import { renderTable } from './markdown.ts';

interface AnyRule {
  readonly name: string;
  isWanted(renames: Renames): boolean;
  readonly objects?: readonly string[];
  readonly prefixes?: readonly string[];
  readonly containing?: readonly string[];
}

const CHANGE = { old: 'old', new: 'new' };
const PROXY = { httpProxy: '', httpsProxy: '', noProxy: '' };
const NOTHING: Renames = { addresses: [], nameRules: [], renewsCrypto: false };

/** What a configuration may ask for, by the key that asks for it; each rule is asked about one at a time. */
const REQUESTS: Readonly<Record<string, Partial<Renames>>> = {
  '`cluster_rename`': {
    cluster: { name: 'a', baseDomain: 'b', domain: 'a.b', infraId: 'a-c', oldDomain: undefined },
  },
  '`hostname`': { hostname: CHANGE },
  '`ip`': { addresses: [CHANGE] },
  '`cn_san_replace_rules`': { nameRules: [CHANGE] },
  '`proxy`': { proxy: { spec: PROXY, status: PROXY } },
  '`install_config`': { installConfig: '' },
  '`kubeadmin_password_hash`': { kubeadminPasswordHash: '' },
  '`pull_secret`': { pullSecret: '{}' },
  '`user_ca_bundle`': { userCaBundle: '' },
  '`proxy_trusted_ca_bundle`': { proxyTrust: { configMap: '', bundle: '', merged: '' } },
  'the cluster encrypts at rest': { encryption: { oldKeys: [], configurations: new Map() } },
  '`machine_network_cidr`': { machineNetworks: [''] },
  '`chrony_config`': { chronyConfig: '' },
  'keys are renewed': { renewsCrypto: true },
};

/** The ordered table of rules as a table of the documentation. */
export function renderRuleTable(): string {
  const rules: readonly AnyRule[] = [
    ...RULES.deletions,
    ...RULES.files,
    ...RULES.fileNames,
    ...RULES.objects,
    ...RULES.last,
  ];
  const rows = rules.map((rule) => [`\`${rule.name}\``, conditionOf(rule), targetsOf(rule)]);
  return renderTable(['Rule', 'When', 'Works on'], rows);
}

function conditionOf(rule: AnyRule): string {
  if (rule.isWanted(NOTHING)) return 'always';
  const asking = Object.entries(REQUESTS).filter(([, request]) => rule.isWanted({ ...NOTHING, ...request }));
  if (asking.length === 0) throw new Error(`no key of the configuration asks for rule ${rule.name}`);
  return asking.map(([key]) => key).join(' or ');
}

function targetsOf({ objects, prefixes, containing }: AnyRule): string {
  if (prefixes !== undefined) {
    const only = containing === undefined ? '' : `; only with ${quoted(containing)}`;
    return `deletes ${quoted(prefixes.map((prefix) => `${prefix}*`))}${only}`;
  }
  return objects === undefined ? "the node's files" : quoted(objects);
}

const quoted = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');
