import { defineAsset } from '../../asset.ts';
import { type Choice, findAnswer, type Interview } from '../../interview.ts';
import { isAuthorizedKey } from '../../rules/sshKey.ts';

const NONE: Choice = { value: '', name: '<none>', help: 'nobody can log in to the nodes over SSH' };

/** The key that opens the nodes to a person; it may be left out, so that nothing asks for it without a terminal. */
export const sshPublicKey = defineAsset({
  name: 'SSH Key',
  stateKey: '*installconfig.sshPublicKey',
  inputs: {},
  async generate(_, { interview }): Promise<{ readonly Key: string }> {
    const choices = await keyChoices(interview);
    // Upstream does not ask where there is nothing to choose from.
    if (choices.length === 1) return { Key: await answerWithoutAsking(interview) };
    const asked = {
      path: ['sshKey'],
      flag: '--ssh-key-file',
      message: 'SSH Public Key',
      kind: 'choice',
      help: 'lets you log in to all nodes as user core, for debugging; it can be left out',
      default: '',
      choices,
    } as const;
    return { Key: await findAnswer(asked, interview) };
  },
});

async function keyChoices(interview: Interview | undefined): Promise<Choice[]> {
  const files = interview?.terminal === undefined ? [] : await interview.findSshKeys();
  const usable = files.filter(({ text }) => isAuthorizedKey(text));
  const sorted = usable.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  return [...sorted.map(({ path, text }) => ({ value: text.trim(), name: path })), NONE];
}

const answerWithoutAsking = (interview: Interview | undefined): Promise<string> => {
  const silent = interview && { given: interview.given, findSshKeys: interview.findSshKeys };
  return findAnswer({ path: ['sshKey'], message: '', kind: 'text', default: '' }, silent);
};
