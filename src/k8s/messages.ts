/** Type of a protobuf field: a leaf, another message, or a map with string keys. */
type FieldType = 'string' | 'bytes' | { readonly map: 'string' | 'bytes' } | MessageName;

export interface FieldShape {
  readonly name: string;
  readonly type: FieldType;
  readonly repeated: boolean;
}

/** Field number -> shape, for the length-delimited fields we read or edit; all others are carried along as bytes. */
export type Message = ReadonlyMap<number, FieldShape>;

export type MessageName = keyof typeof SHAPES;

/**
 * Numbers and names from the generated.proto files of k8s.io/api, k8s.io/apimachinery and openshift/api. `[]` after a
 * type is a repeated field, `{}` a map. Only what rules and scanning go through is listed: a field that is missing
 * here, or unknown to any release we have seen, survives every edit byte for byte.
 */
const SHAPES = {
  ObjectMeta:
    '1 name string,3 namespace string,11 labels string{},12 annotations string{},13 ownerReferences OwnerReference[],17 managedFields ManagedFieldsEntry[]',
  OwnerReference: '1 kind string,3 name string,4 uid string,5 apiVersion string',
  ManagedFieldsEntry:
    '1 manager string,2 operation string,3 apiVersion string,6 fieldsType string,7 fieldsV1 FieldsV1,8 subresource string',
  FieldsV1: '1 raw bytes',
  Secret: '1 metadata ObjectMeta,2 data bytes{},3 type string,4 stringData string{}',
  ConfigMap: '1 metadata ObjectMeta,2 data string{},3 binaryData bytes{}',
  ServiceAccount: '1 metadata ObjectMeta',
  Node: '1 metadata ObjectMeta,2 spec NodeSpec,3 status NodeStatus',
  NodeSpec: '1 podCIDR string,3 providerID string,7 podCIDRs string[]',
  NodeStatus: '5 addresses NodeAddress[]',
  NodeAddress: '1 type string,2 address string',
  Pod: '1 metadata ObjectMeta,2 spec PodSpec',
  PodTemplateSpec: '1 metadata ObjectMeta,2 spec PodSpec',
  PodSpec: '2 containers Container[],10 nodeName string,16 hostname string,20 initContainers Container[]',
  Container: '1 name string,2 image string,3 command string[],4 args string[],7 env EnvVar[]',
  EnvVar: '1 name string,2 value string',
  Deployment: '1 metadata ObjectMeta,2 spec DeploymentSpec',
  DeploymentSpec: '3 template PodTemplateSpec',
  ReplicaSet: '1 metadata ObjectMeta,2 spec ReplicaSetSpec',
  ReplicaSetSpec: '3 template PodTemplateSpec',
  DaemonSet: '1 metadata ObjectMeta,2 spec DaemonSetSpec',
  DaemonSetSpec: '2 template PodTemplateSpec',
  StatefulSet: '1 metadata ObjectMeta,2 spec StatefulSetSpec',
  StatefulSetSpec: '3 template PodTemplateSpec',
  Job: '1 metadata ObjectMeta,2 spec JobSpec',
  JobSpec: '6 template PodTemplateSpec',
  CronJob: '1 metadata ObjectMeta,2 spec CronJobSpec',
  CronJobSpec: '5 jobTemplate JobTemplateSpec',
  JobTemplateSpec: '1 metadata ObjectMeta,2 spec JobSpec',
  ControllerRevision: '1 metadata ObjectMeta,2 data RawExtension',
  RawExtension: '1 raw bytes',
  ValidatingWebhookConfiguration: '1 metadata ObjectMeta,2 webhooks Webhook[]',
  MutatingWebhookConfiguration: '1 metadata ObjectMeta,2 webhooks Webhook[]',
  Webhook: '1 name string,2 clientConfig WebhookClientConfig',
  WebhookClientConfig: '2 caBundle bytes,3 url string',
  CertificateSigningRequest:
    '1 metadata ObjectMeta,2 spec CertificateSigningRequestSpec,3 status CertificateSigningRequestStatus',
  CertificateSigningRequestSpec: '1 request bytes',
  CertificateSigningRequestStatus: '2 certificate bytes',
  Route: '1 metadata ObjectMeta,2 spec RouteSpec,3 status RouteStatus',
  RouteSpec: '1 host string,2 path string,6 tls TLSConfig,8 subdomain string',
  RouteStatus: '1 ingress RouteIngress[]',
  RouteIngress: '1 host string,2 routerName string',
  TLSConfig: '2 certificate string,3 key string,4 caCertificate string,5 destinationCACertificate string',
  OAuthClient: '1 metadata ObjectMeta,2 secret string,5 redirectURIs string[]',
} as const;

const compiled = new Map<MessageName, Message>();

/** The shape of a message. */
export function messageOf(name: MessageName): Message {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const message = compile(SHAPES[name]);
  compiled.set(name, message);
  return message;
}

/** The root message of a kind, or undefined for kinds that are only carried along. */
export const messageOfKind = (kind: string): Message | undefined =>
  Object.hasOwn(SHAPES, kind) ? messageOf(kind as MessageName) : undefined;

/** Field number by name. */
export function numberOf(message: Message, name: string): number | undefined {
  for (const [number, field] of message) if (field.name === name) return number;
  return undefined;
}

function compile(text: string): Message {
  const fields = text.split(',').map((line): [number, FieldShape] => {
    const [number, name, type] = line.split(' ') as [string, string, string];
    const repeated = type.endsWith('[]');
    if (type.endsWith('{}'))
      return [
        Number(number),
        { name, type: { map: type.slice(0, -2) as 'string' | 'bytes' }, repeated: false },
      ];
    return [Number(number), { name, type: type.replace('[]', '') as FieldType, repeated }];
  });
  return new Map(fields);
}
