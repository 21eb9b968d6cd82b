import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCliReference } from './cliReference.ts';
import { renderDifferenceTable } from './differenceTable.ts';
import { renderJsonSchemas } from './jsonSchemas.ts';
import { renderManPages } from './manPages.ts';
import { replaceSection } from './markdown.ts';
import { renderRuleTable } from './ruleReference.ts';

/** Writes the parts of the documentation that are made from code. */
const DOCS = join(import.meta.dirname, '..', 'docs');

writeFileSync(join(DOCS, 'cli.md'), renderCliReference());
const recert = join(DOCS, 'recert.md');
writeFileSync(recert, replaceSection(readFileSync(recert, 'utf8'), 'rules', renderRuleTable()));

const differences = join(DOCS, 'differences.md');
const table = renderDifferenceTable();
writeFileSync(differences, replaceSection(readFileSync(differences, 'utf8'), 'recorded', table));

writeFolder('schemas', renderJsonSchemas());
writeFolder('man', renderManPages());

function writeFolder(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(DOCS, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(DOCS, folder, name), text);
}
