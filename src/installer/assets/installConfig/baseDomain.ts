import { defineAsset } from '../../asset.ts';
import { findAnswer } from '../../interview.ts';
import { findFault } from './answerRules.ts';
import { platform } from './platform.ts';
import { wrapUserInput } from './userInput.ts';

/** The domain that the cluster's own domain is below. */
export const baseDomain = defineAsset({
  name: 'Base Domain',
  stateKey: '*installconfig.baseDomain',
  inputs: { platform },
  async generate(_, { interview }): Promise<{ readonly BaseDomain: string }> {
    const asked = {
      path: ['baseDomain'],
      flag: '--base-domain',
      message: 'Base Domain',
      kind: 'text',
      help: 'example.com: the cluster is below <cluster name>.example.com',
      check: (answer: string) => findFault({ baseDomain: answer }, 'baseDomain'),
    } as const;
    return { BaseDomain: await wrapUserInput(findAnswer(asked, interview)) };
  },
});
