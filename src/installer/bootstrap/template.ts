/** What stands for `{{name}}` in the templates of the bootstrap machine. */
export type TemplateValues = Readonly<Record<string, string>>;

/**
 * Puts values in the place of `{{name}}`. There is nothing else to the language: what is repeated or left out is
 * decided by the code that makes the values. Braces that hold anything but a bare name are text.
 *
 * @throws Error when a template names a value that does not exist: a defect of this program
 */
export function renderTemplate(name: string, template: string, values: TemplateValues): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, key: string) => {
    if (!Object.hasOwn(values, key)) throw new Error(`template ${name} names the unknown value "${key}"`);
    return values[key]!;
  });
}

/** One word of a shell command that stands for the text, whatever is in it. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
