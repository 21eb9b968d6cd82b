import { SEED_GENERATOR } from './seedGenerator.ts';

const time = { type: 'string', format: 'date-time' };
const image = { type: 'string', minLength: 1, pattern: '^([a-z0-9]+://)?[\\S]+$' };

const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'] },
    reason: { type: 'string' },
    message: { type: 'string' },
    lastTransitionTime: time,
    observedGeneration: { type: 'integer', format: 'int64' },
  },
};

const phase = {
  type: 'object',
  required: ['phase', 'startedAt'],
  properties: { phase: { type: 'string' }, startedAt: time, completedAt: time },
};

const schema = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      required: ['seedImage'],
      properties: {
        seedImage: image,
        recertImage: { ...image, minLength: 0, pattern: '^([a-z0-9]+://)?[\\S]*$' },
      },
      // Servers older than 1.25 pass over it.
      'x-kubernetes-validations': [
        { rule: 'oldSelf == self', message: 'cannot modify spec, cr must be deleted and recreated' },
      ],
    },
    status: {
      type: 'object',
      properties: {
        observedGeneration: { type: 'integer', format: 'int64' },
        startedAt: time,
        completedAt: time,
        conditions: { type: 'array', items: condition },
        phases: { type: 'array', items: phase },
      },
    },
  },
};

/** The CustomResourceDefinition, for clusters that do not have the one of the original (lifecycle-agent 15.1). */
export const SEED_GENERATOR_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'seedgenerators.lca.openshift.io' },
  spec: {
    group: 'lca.openshift.io',
    scope: 'Cluster',
    names: {
      kind: SEED_GENERATOR.kind,
      listKind: 'SeedGeneratorList',
      plural: 'seedgenerators',
      singular: 'seedgenerator',
      shortNames: ['seedgen'],
    },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns: [
          { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          { name: 'State', type: 'string', jsonPath: '.status.conditions[-1:].type' },
          { name: 'Details', type: 'string', jsonPath: '.status.conditions[-1:].message' },
        ],
        schema: { openAPIV3Schema: schema },
      },
    ],
  },
} as const;
