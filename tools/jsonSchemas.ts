import { type DocumentField, describeDocument } from '#api/documentFields.ts';
import { installationConfigSchema } from '#api/ibiInstallationConfig.ts';
import { imageBasedConfigSchema } from '#api/imageBasedConfig.ts';
import { IMAGE_BASED_CONFIG_FIELDS, INSTALLATION_CONFIG_FIELDS } from '#api/imageBasedFields.ts';
import { installConfigSchema } from '#api/installConfig.ts';
import { INSTALL_CONFIG_FIELDS } from '#api/installConfigFields.ts';

/** The documents that people write, with their fields. */
const DOCUMENTS: Readonly<Record<string, () => DocumentField>> = {
  'install-config': () => describeDocument(installConfigSchema, INSTALL_CONFIG_FIELDS),
  'image-based-installation-config': () =>
    describeDocument(installationConfigSchema, INSTALLATION_CONFIG_FIELDS),
  'image-based-config': () => describeDocument(imageBasedConfigSchema, IMAGE_BASED_CONFIG_FIELDS),
};

/** Exactly one key may be there. */
const CHOICES = ['platform'];

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON schemas for editors by file name, as docs/schemas holds them. Draft 7 is what YAML language servers know best. */
export function renderJsonSchemas(): Readonly<Record<string, string>> {
  const files = Object.entries(DOCUMENTS).map(([name, fields]) => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: `${name}.yaml`,
      ...schemaOf(fields(), name),
    };
    return [`${name}.json`, `${JSON.stringify(schema, undefined, 2)}\n`] as const;
  });
  return Object.fromEntries(files);
}

/** They let through what the decoder does: `null` is as absent, and a number or a boolean is read as text. */
function schemaOf(field: DocumentField, name: string): JsonSchema {
  const words = {
    ...(field.description !== '' && { description: field.description }),
    ...(field.default !== undefined && { default: field.default }),
  };
  if (field.values !== undefined) return { ...words, enum: [...field.values, '', null] };
  switch (field.type) {
    case 'object':
      return { ...words, type: ['object', 'null'], ...membersOf(field, name) };
    case 'array':
      return { ...words, type: ['array', 'null'], items: itemSchema(field.items) };
    case 'string':
      return { ...words, type: ['string', 'number', 'boolean', 'null'] };
    default:
      return { ...words, type: [field.type, 'null'] };
  }
}

function membersOf(field: DocumentField, name: string): JsonSchema {
  if (field.items !== undefined) return { additionalProperties: schemaOf(field.items, '') };
  if (field.fields === undefined) return {};
  const members = Object.entries(field.fields);
  const required = members.filter(([, member]) => member.isRequired).map(([key]) => key);
  return {
    properties: Object.fromEntries(members.map(([key, member]) => [key, schemaOf(member, key)])),
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    ...(CHOICES.includes(name) && { minProperties: 1, maxProperties: 1 }),
  };
}

/** What stands in a list is there: never `null`. */
function itemSchema(item: DocumentField | undefined): JsonSchema {
  const schema = schemaOf(item ?? { type: 'string', description: '' }, '');
  return { ...schema, type: (schema['type'] as string[]).filter((type) => type !== 'null') };
}
