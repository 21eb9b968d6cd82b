import { defineAsset } from '../../asset.ts';
import { findAnswer } from '../../interview.ts';
import { findFault } from './answerRules.ts';

/** The credentials for the registries that the cluster's images come from. */
export const pullSecret = defineAsset({
  name: 'Pull Secret',
  stateKey: '*installconfig.pullSecret',
  inputs: {},
  async generate(_, { interview }): Promise<{ readonly PullSecret: string }> {
    const asked = {
      path: ['pullSecret'],
      flag: '--pull-secret-file',
      message: 'Pull Secret',
      kind: 'secret',
      help: 'JSON, from console.redhat.com/openshift; it is not shown',
      check: (answer: string) => findFault({ pullSecret: answer }, 'pullSecret'),
    } as const;
    return { PullSecret: oneLine(await findAnswer(asked, interview)) };
  },
});

/** A pull secret as it is downloaded may have many lines; the install-config keeps it on one. */
function oneLine(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json; // the rules say what is wrong with it
  }
}
