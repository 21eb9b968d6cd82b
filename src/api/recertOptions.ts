/** How an option's value is written: in the file, and as a flag (which repeats for lists). */
type RecertOptionType = 'text' | 'list' | 'text-or-pair' | 'flag' | 'count';

/** What the path given by an option must be when the options are read. */
type RecertPathCheck = 'directory' | 'file';

export interface RecertOption {
  /** Key in the configuration file; the flag is the same with dashes. */
  readonly key: string;
  /** Where the flag's name is not the key with dashes: repeatable flags are in the singular. */
  readonly flag?: string;
  readonly type: RecertOptionType;
  readonly check?: RecertPathCheck;
  readonly help: string;
}

const text = (key: string, help: string): RecertOption => ({ key, type: 'text', help });
const flag = (key: string, help: string): RecertOption => ({ key, type: 'flag', help });

/** All options of recert, in the order of its help; the last twelve are ours. */
export const RECERT_OPTIONS: readonly RecertOption[] = [
  text('etcd_endpoint', 'etcd to work on, host:port or URL'),
  {
    key: 'static_dirs',
    flag: 'static-dir',
    type: 'list',
    check: 'directory',
    help: 'deprecated: both a crypto directory and a customization directory',
  },
  {
    key: 'static_files',
    flag: 'static-file',
    type: 'list',
    check: 'file',
    help: 'deprecated: both a crypto file and a customization file',
  },
  {
    key: 'crypto_dirs',
    flag: 'crypto-dir',
    type: 'list',
    check: 'directory',
    help: 'directory to scan for keys, certificates and tokens',
  },
  {
    key: 'crypto_files',
    flag: 'crypto-file',
    type: 'list',
    check: 'file',
    help: 'file to scan for keys, certificates and tokens, whatever its name',
  },
  {
    key: 'cluster_customization_dirs',
    flag: 'cluster-customization-dir',
    type: 'list',
    check: 'directory',
    help: 'directory whose files are renamed and edited',
  },
  {
    key: 'cluster_customization_files',
    flag: 'cluster-customization-file',
    type: 'list',
    check: 'file',
    help: 'file that is edited',
  },
  {
    key: 'cn_san_replace_rules',
    flag: 'cn-san-replace',
    type: 'list',
    help: 'old:new (or old,new): replace a common name or subject alternative name',
  },
  flag('ip_change_only', 'renew only trees in which a certificate changes by the replace rules'),
  text('cluster_rename', 'name:base.domain or name:base.domain:infra-id'),
  text('hostname', 'new name of the node'),
  { key: 'ip', type: 'text-or-pair', help: 'new address of the node; twice for dual stack, primary first' },
  text('proxy', 'six parts joined by |: http, https, no_proxy of the spec, then of the status'),
  text('install_config', 'text of install-config'),
  text('kubeadmin_password_hash', 'new bcrypt hash; empty deletes the kubeadmin secret'),
  text('pull_secret', 'new pull secret, JSON'),
  text('user_ca_bundle', 'new user CA bundle, PEM or a path'),
  text('proxy_trusted_ca_bundle', 'configmap-name:bundle, PEM or a path'),
  { key: 'machine_network_cidr', type: 'text-or-pair', help: 'new machine network; twice for dual stack' },
  text('chrony_config', 'text of chrony.conf'),
  {
    key: 'use_key_rules',
    flag: 'use-key',
    type: 'list',
    help: 'CN:path or CN:PEM: give the certificate of that name this key',
  },
  {
    key: 'use_cert_rules',
    flag: 'use-cert',
    type: 'list',
    help: 'path or PEM: put this certificate in the place of the one of the same name',
  },
  {
    key: 'put_objects',
    flag: 'put-object',
    type: 'list',
    help: 'custom resource (JSON or a path: MachineConfig, mirror set, CatalogSource) that is in the cluster when it starts',
  },
  {
    key: 'delete_objects',
    flag: 'delete-objects',
    type: 'list',
    help: 'begin of paths in etcd, without the storage prefix, that are removed, but for what is put',
  },
  flag('extend_expiration', 'validity starts now, with the old span'),
  flag('force_expire', 'validity ends now, with the old span'),
  { key: 'threads', type: 'count', help: 'keys generated at the same time; default: one per CPU' },
  {
    key: 'regenerate_server_ssh_keys',
    type: 'text',
    check: 'directory',
    help: 'directory whose SSH host keys are made anew',
  },
  text('summary_file', 'write a summary with all keys and tokens in it'),
  text('summary_file_clean', 'write a summary without secrets'),
  flag('dry_run', 'change nothing'),
  flag('postprocess_only', 'only rename and edit, keep all keys and certificates'),
  flag('etcd_defrag', 'defragment etcd at the end'),
  text('kube_encryption_config', 'EncryptionConfiguration of kube-apiserver, JSON or a path'),
  text('openshift_encryption_config', 'EncryptionConfiguration of openshift-apiserver, JSON or a path'),
  text('oauth_encryption_config', 'EncryptionConfiguration of oauth-apiserver, JSON or a path'),
  text(
    'openshift_apiserver_spec_template',
    "file with the specification that openshift-apiserver's operator hashes, so that it does not roll out again",
  ),
  text('oauth_apiserver_spec_template', 'the same for oauth-apiserver'),
  text('report_file', 'write all changes, with fingerprints of old and new values, as JSON'),
  text('metrics_file', 'write times and counts of the run for a metrics collector (OpenMetrics)'),
  text(
    'journal_file',
    'where the plan is kept until it is carried out (default /var/lib/sower/recert-journal.json)',
  ),
  flag('rollback', 'undo a run that did not come to its end, by its journal'),
  {
    key: 'etcd_data_dir',
    type: 'text',
    check: 'directory',
    help: 'data directory of a stopped etcd to work on, instead of an endpoint: etcd is run for the time of the work',
  },
  flag('etcd_rebuild', 'make the data directory anew of the live keys, and search its raw bytes too'),
  { key: 'etcd_cacert', type: 'text', check: 'file', help: 'CA bundle of an etcd that speaks TLS' },
  { key: 'etcd_cert', type: 'text', check: 'file', help: 'client certificate for etcd' },
  { key: 'etcd_key', type: 'text', check: 'file', help: 'key of the client certificate for etcd' },
  {
    key: 'key_pool',
    type: 'text',
    check: 'file',
    help: 'for benchmarks and tests only: PEM file of private keys to use before any are made',
  },
];

export const flagOf = (option: RecertOption): string => option.flag ?? option.key.replaceAll('_', '-');

/** Flags of which only one may be given on the command line (spec recert 2.3); a file allows more. */
export const EXCLUSIVE_FLAGS: readonly (readonly string[])[] = [
  ['dry_run', 'extend_expiration', 'force_expire', 'regenerate_server_ssh_keys', 'etcd_defrag'],
];

/** The deprecated options stand for both of the others, and conflict with each of them. */
export const STATIC_CONFLICTS: readonly (readonly [string, string])[] = [
  ['static_dirs', 'crypto_dirs'],
  ['static_dirs', 'cluster_customization_dirs'],
  ['static_files', 'crypto_files'],
  ['static_files', 'cluster_customization_files'],
];

/** Pairs that a configuration file must not have both switched on. */
export const EXCLUSIVE_IN_FILE: readonly (readonly [string, string])[] = [
  ['extend_expiration', 'force_expire'],
  ['dry_run', 'force_expire'],
  ['dry_run', 'extend_expiration'],
  ['dry_run', 'etcd_defrag'],
  // The original replaces the keys even in a dry run.
  ['dry_run', 'regenerate_server_ssh_keys'],
];
