import { Failure } from '#base/failure.ts';

/** What `--output` names, or a refusal that names the forms there are. @throws Failure cli/unknown-output */
export function findOutputForm<Form extends string>(name: string | undefined, forms: readonly Form[]): Form {
  const form = forms.find((each) => each === name);
  if (form !== undefined) return form;
  throw new Failure({
    code: 'cli/unknown-output',
    message: `there is no output form "${name}"`,
    hint: `use ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}`,
  });
}
