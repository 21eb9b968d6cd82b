import { setData } from '#k8s/data.ts';
import { always, type ObjectRule, type RuleContext } from './rule.ts';

const SECRETS = 'secrets/openshift-kube-apiserver/webhook-authenticator';
const FILE = /\/kube-apiserver-pod-(\d+)\/(?:.*\/)?webhook-authenticator\/kubeConfig$/;

/** The newest kubeconfig that the API server's pod uses, and the revision it is of. */
function newest(context: RuleContext): { revision: number; text: string } | undefined {
  const files = context
    .filePaths()
    .map((path) => ({ path, revision: Number(FILE.exec(path)?.[1] ?? -1) }))
    .sort((a, b) => b.revision - a.revision);
  const file = files[0];
  if (file === undefined || file.revision < 0) return undefined;
  return { revision: file.revision, text: context.fileText(file.path) };
}

/** The secrets behind the API server's authentication webhook hold what the node's file holds. */
export const WEBHOOK_AUTHENTICATORS: ObjectRule = {
  name: 'webhook-authenticators',
  objects: [SECRETS, `${SECRETS}-*`, 'secrets/openshift-config/webhook-authentication-integrated-oauth'],
  isUsual: true,
  isWanted: always,
  edit: (secret, context) => {
    const file = newest(context);
    if (file === undefined) return secret;
    const revision = /webhook-authenticator-(\d+)$/.exec(secret.key)?.[1];
    if (revision !== undefined && Number(revision) !== file.revision) return secret;
    return setData(secret, 'kubeConfig', file.text.trimEnd());
  },
};
