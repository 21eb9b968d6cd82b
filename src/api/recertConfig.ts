import { type Parsed, type Problem, parsed, problem, refused } from '#base/report.ts';
import { findNearestName } from './nearestName.ts';
import { EXCLUSIVE_IN_FILE, RECERT_OPTIONS, type RecertOption, STATIC_CONFLICTS } from './recertOptions.ts';
import { parseSourceText } from './sourceText.ts';

/**
 * The configuration document of recert (RECERT_CONFIG), as lca-cli writes it and the command line is read into.
 * Absent and empty lists mean the same; an empty `kubeadmin_password_hash` is not the same as none.
 */
export interface RecertConfig {
  readonly etcd_endpoint?: string;
  readonly static_dirs?: readonly string[];
  readonly static_files?: readonly string[];
  readonly crypto_dirs?: readonly string[];
  readonly crypto_files?: readonly string[];
  readonly cluster_customization_dirs?: readonly string[];
  readonly cluster_customization_files?: readonly string[];
  /** `old:new`, or `old,new` where a part has colons. */
  readonly cn_san_replace_rules?: readonly string[];
  readonly ip_change_only?: boolean;
  /** `name:base.domain` or `name:base.domain:infra-id`. */
  readonly cluster_rename?: string;
  readonly hostname?: string;
  /** One address, or two for dual stack with the primary first. */
  readonly ip?: string | readonly string[];
  readonly proxy?: string;
  readonly install_config?: string;
  /** Empty: delete the kubeadmin secret. */
  readonly kubeadmin_password_hash?: string;
  readonly pull_secret?: string;
  readonly user_ca_bundle?: string;
  readonly proxy_trusted_ca_bundle?: string;
  readonly machine_network_cidr?: string | readonly string[];
  readonly chrony_config?: string;
  /** `CN path` or `CN:path`, or PEM instead of the path. */
  readonly use_key_rules?: readonly string[];
  readonly use_cert_rules?: readonly string[];
  /** Custom resources as JSON, or paths: they are in the cluster when it starts. */
  readonly put_objects?: readonly string[];
  /** Beginnings of paths in etcd without the storage prefix. */
  readonly delete_objects?: readonly string[];
  readonly extend_expiration?: boolean;
  readonly force_expire?: boolean;
  readonly threads?: number;
  readonly regenerate_server_ssh_keys?: string;
  readonly summary_file?: string;
  readonly summary_file_clean?: string;
  readonly dry_run?: boolean;
  readonly postprocess_only?: boolean;
  readonly etcd_defrag?: boolean;
  readonly kube_encryption_config?: string;
  readonly openshift_encryption_config?: string;
  readonly oauth_encryption_config?: string;
  readonly openshift_apiserver_spec_template?: string;
  readonly oauth_apiserver_spec_template?: string;
  readonly report_file?: string;
  readonly metrics_file?: string;
  readonly journal_file?: string;
  readonly rollback?: boolean;
  readonly etcd_data_dir?: string;
  readonly etcd_rebuild?: boolean;
  readonly etcd_cacert?: string;
  readonly etcd_cert?: string;
  readonly etcd_key?: string;
  /** For benchmarks and tests only. */
  readonly key_pool?: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Reads the document; values are never quoted in a problem, they may be secrets. */
export function parseRecertConfig(text: string): Parsed<RecertConfig> {
  const source = parseSourceText(text);
  if (!source.ok) return source;
  const { value } = source.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refused([problem('', 'config file must be a mapping')]);
  const values = value as Values;
  const problems = [
    ...unknownKeys(values),
    ...RECERT_OPTIONS.flatMap((option) => typeProblems(option, values)),
  ];
  if (problems.length > 0) return refused(problems);
  const config = values as RecertConfig;
  const conflicts = [...fileConflicts(config), ...validateRecertConfig(config)];
  return conflicts.length > 0 ? refused(conflicts) : parsed(config);
}

/** The document as JSON, the form that lifecycle-agent writes. */
export const renderRecertConfig = (config: RecertConfig): string => `${JSON.stringify(config, null, 2)}\n`;

/** What holds for the file and for the command line alike, apart from the existence of paths. */
export function validateRecertConfig(config: RecertConfig): Problem[] {
  const problems: Problem[] = [];
  for (const key of ['ip', 'machine_network_cidr'] as const) {
    if (listOf(config[key]).length > 2) problems.push(problem(key, 'takes at most two values'));
  }
  for (const [one, other] of STATIC_CONFLICTS) {
    if (isGiven(config, one) && isGiven(config, other))
      problems.push(problem(one, `can't be used together with ${other}`));
  }
  if (config.etcd_data_dir && config.etcd_endpoint)
    problems.push(problem('etcd_data_dir', "can't be used together with etcd_endpoint"));
  if (config.etcd_rebuild === true && !config.etcd_data_dir)
    problems.push(problem('etcd_rebuild', 'needs etcd_data_dir: nobody else may use the directory'));
  if (config.ip_change_only === true && listOf(config.cn_san_replace_rules).length === 0)
    problems.push(problem('ip_change_only', 'needs at least one of cn_san_replace_rules'));
  return problems;
}

/** One value, several or none, as a list. */
export const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

function unknownKeys(values: Values): Problem[] {
  const known = new Set(RECERT_OPTIONS.map((option) => option.key));
  const unknown = Object.keys(values).filter((key) => !known.has(key));
  if (unknown.length === 0) return [];
  const meant = unknown.flatMap((key) => findNearestName(key, [...known]) ?? []);
  const question = meant.length === 0 ? '' : `; did you mean ${meant.join(', ')}?`;
  return [problem('', `unknown keys "${unknown.join(', ')}" in config file${question}`)];
}

const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const TYPES: Readonly<
  Record<RecertOption['type'], { readonly name: string; accepts(value: unknown): boolean }>
> = {
  text: { name: 'a string', accepts: (value) => typeof value === 'string' },
  flag: { name: 'a boolean', accepts: (value) => typeof value === 'boolean' },
  count: { name: 'a positive number', accepts: (value) => Number.isInteger(value) && (value as number) > 0 },
  list: { name: 'a list of strings', accepts: isTextList },
  'text-or-pair': {
    name: 'a string or a list of strings',
    accepts: (value) => typeof value === 'string' || isTextList(value),
  },
};

function typeProblems(option: RecertOption, values: Values): Problem[] {
  if (!Object.hasOwn(values, option.key) || TYPES[option.type].accepts(values[option.key])) return [];
  return [problem(option.key, `must be ${TYPES[option.type].name}`)];
}

function fileConflicts(config: RecertConfig): Problem[] {
  return EXCLUSIVE_IN_FILE.filter(([one, other]) => isGiven(config, one) && isGiven(config, other)).map(
    ([one, other]) => problem(one, `can't be used together with ${other}`),
  );
}

function isGiven(config: RecertConfig, key: string): boolean {
  const value = (config as Values)[key];
  return value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
}
