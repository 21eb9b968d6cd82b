import { type DocumentField, describeDocument } from '#api/documentFields.ts';
import { installConfigSchema } from '#api/installConfig.ts';
import { INSTALL_CONFIG_FIELDS } from '#api/installConfigFields.ts';
import { Failure } from '#base/failure.ts';

const RESOURCE = 'installconfig';
const EMPTY = '<empty>';

/** The text of `explain installconfig[.field[.field...]]`, laid out as upstream does (spec/installer/01.4). @throws Failure */
export function explainResource(operands: readonly string[]): string {
  const [operand, ...more] = operands;
  if (operand === undefined) throw refused('You must specify the type of resource to explain');
  if (more.length > 0) throw refused('We accept only this format: explain RESOURCE');
  const [resource, ...path] = operand.split('.');
  if (resource !== RESOURCE) throw refused(`only ${RESOURCE} resource is supported`);
  const field = findField(describeDocument(installConfigSchema, INSTALL_CONFIG_FIELDS), path);
  return ['KIND:     InstallConfig', 'VERSION:  v1', '', ...renderResource(field), ''].join('\n');
}

/** Everything that can be explained. */
export function resourcePaths(): string[] {
  const below = (field: DocumentField, path: string): string[] => [
    path,
    ...Object.entries(membersOf(field)).flatMap(([name, member]) => below(member, `${path}.${name}`)),
  ];
  return below(describeDocument(installConfigSchema, INSTALL_CONFIG_FIELDS), RESOURCE);
}

/** Goes into lists by itself. */
function findField(root: DocumentField, path: readonly string[]): DocumentField {
  return path.reduce((at, name) => {
    const found = membersOf(at)[name];
    if (found !== undefined) return found;
    const members = Object.keys(membersOf(at)).toSorted();
    throw refused(
      `failed to load schema for the field ${path.join('.')}: invalid field ${name}, no such property found`,
      members.length === 0 ? undefined : `there is ${members.join(', ')}`,
    );
  }, root);
}

const membersOf = (field: DocumentField): Readonly<Record<string, DocumentField>> =>
  field.fields ?? (field.type === 'array' && field.items !== undefined ? membersOf(field.items) : {});

function renderResource(field: DocumentField): string[] {
  const members = Object.entries(membersOf(field)).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = [`RESOURCE: ${typeText(field)}`, ...renderWords(field, '  '), ''];
  if (members.length === 0) return lines;
  return [...lines, 'FIELDS:', ...members.flatMap(([name, member]) => renderMember(name, member))];
}

function renderMember(name: string, field: DocumentField): string[] {
  const head = `    ${name} ${typeText(field)}${field.isRequired ? ' -required-' : ''}`;
  return [head, ...renderWords(field, '      '), ''];
}

function renderWords({ description, ...field }: DocumentField, indent: string): string[] {
  const lines: string[] = [];
  if (field.default !== undefined) lines.push(`Default: ${JSON.stringify(field.default)}`);
  if (field.format !== undefined) lines.push(`Format: ${field.format}`);
  if (field.values !== undefined) {
    lines.push(`Valid Values: ${field.values.map((value) => JSON.stringify(value)).join(',')}`);
  }
  return [...lines, description === '' ? EMPTY : description].map((line) => `${indent}${line}`);
}

const typeText = ({ type, items }: DocumentField): string =>
  type === 'array' ? `<[]${items?.type ?? 'string'}>` : `<${type}>`;

/** Upstream ends as for errors on the command line. */
const refused = (message: string, hint?: string): Failure =>
  new Failure({
    code: 'cli/explain',
    message: `Error executing openshift-install: ${message}`,
    ...(hint !== undefined && { hint }),
  });
