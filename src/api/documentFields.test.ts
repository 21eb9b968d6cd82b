import { describe, expect, it } from 'vitest';
import { describeDocument, type FieldTable, fieldPaths } from './documentFields.ts';
import { installationConfigSchema } from './ibiInstallationConfig.ts';
import { imageBasedConfigSchema } from './imageBasedConfig.ts';
import { IMAGE_BASED_CONFIG_FIELDS, INSTALLATION_CONFIG_FIELDS } from './imageBasedFields.ts';
import { installConfigSchema } from './installConfig.ts';
import { INSTALL_CONFIG_FIELDS } from './installConfigFields.ts';

const DOCUMENTS = [
  { name: 'install-config', schema: installConfigSchema, table: INSTALL_CONFIG_FIELDS, least: 150 },
  {
    name: 'installation config',
    schema: installationConfigSchema,
    table: INSTALLATION_CONFIG_FIELDS,
    least: 25,
  },
  { name: 'image-based config', schema: imageBasedConfigSchema, table: IMAGE_BASED_CONFIG_FIELDS, least: 10 },
];

describe.each(DOCUMENTS)('the words for the $name', ({ schema, table, least }) => {
  const paths = fieldPaths(describeDocument(schema, table));

  it('are there for every field of the schema, and for no other', () => {
    expect(paths.length).toBeGreaterThan(least);
    expect(Object.keys(table).toSorted()).toEqual(paths.toSorted());
  });

  it('are a line each', () => {
    for (const [path, facts] of Object.entries(table as FieldTable)) {
      const text = typeof facts === 'string' ? facts : facts.description;
      expect(text, path).toMatch(/^\S.*[^\s,;:]$/);
    }
  });
});

it('knows types, lists and free mappings', () => {
  const { fields } = describeDocument(imageBasedConfigSchema, IMAGE_BASED_CONFIG_FIELDS);
  expect(fields).toMatchObject({
    hostname: { type: 'string' },
    additionalNTPSources: { type: 'array', items: { type: 'string' } },
    networkConfig: { type: 'object' },
    nodeLabels: { type: 'object', items: { type: 'string' } },
  });
  expect(fields?.['networkConfig']).not.toHaveProperty('items');
  expect(() => describeDocument({ _zod: { def: { type: 'date' } } } as never, {})).toThrow('kind date');
});
