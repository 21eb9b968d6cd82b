import { defineAsset } from '../../asset.ts';
import { findAnswer } from '../../interview.ts';
import { findFault } from './answerRules.ts';
import { baseDomain } from './baseDomain.ts';
import { platform } from './platform.ts';
import { wrapUserInput } from './userInput.ts';

/** The cluster's name, which is the first part of its domain. */
export const clusterName = defineAsset({
  name: 'Cluster Name',
  stateKey: '*installconfig.clusterName',
  inputs: { baseDomain, platform },
  async generate({ baseDomain: { BaseDomain }, platform: { Platform } }, { interview }) {
    const draft = { baseDomain: BaseDomain, platform: Platform };
    const asked = {
      path: ['metadata', 'name'],
      flag: '--cluster-name',
      message: 'Cluster Name',
      kind: 'text',
      help: `the API will be at api.<cluster name>.${BaseDomain}`,
      check: (answer: string) =>
        findFault({ ...draft, metadata: { name: answer } }, 'metadata.name', 'baseDomain'),
    } as const;
    return { ClusterName: await wrapUserInput(findAnswer(asked, interview)) };
  },
});
