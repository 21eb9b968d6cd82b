import { itemsAt } from '#formats/document.ts';
import { JsonText } from '#formats/jsonText.ts';
import { editResource, type Resource } from './resource.ts';

/**
 * Renames a member in the managed-field sets of an object (`f:data` -> `f:old.crt`), in every entry that has it.
 * Without it the field's manager would be taken to have dropped the field that was renamed.
 */
export function renameManagedField(resource: Resource, parent: string, from: string, to: string): Resource {
  return editResource(resource, (root) => {
    for (const entry of itemsAt(root, 'metadata', 'managedFields')) {
      const fields = entry.get('fieldsV1');
      // In protobuf the set is JSON text inside a message, in JSON it is part of the object itself.
      const raw = resource.encoding === 'protobuf' ? fields?.get('raw') : undefined;
      if (raw === undefined) fields?.get(parent)?.rename(from, to);
      else {
        const sets = JsonText.parse(raw.text() ?? '{}');
        sets.root.get(parent)?.rename(from, to);
        const rendered = sets.render().toString('utf8');
        if (rendered !== raw.text()) raw.replace(rendered);
      }
    }
  });
}
