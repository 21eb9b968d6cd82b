import type { DirectoryStatus } from './directoryStatus.ts';

type Facts = Omit<DirectoryStatus, 'next'>;

interface Advice {
  applies(facts: Facts): boolean;
  readonly text: string;
}

const has = (facts: Facts, path: string): boolean =>
  facts.inputs.includes(path) || facts.outputs.includes(path);
const hasIn = (facts: Facts, folder: string): boolean =>
  facts.inputs.some((path) => path.startsWith(`${folder}/`));

/** The first that applies; what a person just put there comes before what is finished. */
const ADVICE: readonly Advice[] = [
  {
    applies: ({ interrupted }) => interrupted.length > 0,
    text: 'the last run was interrupted while it removed its inputs: run the same command again',
  },
  {
    applies: (facts) => has(facts, 'install-config.yaml') && has(facts, 'image-based-config.yaml'),
    text: '"image-based create config-image" makes the config ISO',
  },
  {
    applies: (facts) => has(facts, 'image-based-config.yaml'),
    text: 'fill in image-based-config.yaml and put install-config.yaml beside it, then run "image-based create config-image"',
  },
  {
    applies: (facts) => has(facts, 'image-based-installation-config.yaml'),
    text: 'fill in image-based-installation-config.yaml, then run "image-based create image"',
  },
  {
    applies: (facts) => has(facts, 'install-config.yaml'),
    text: '"create manifests" or "create ignition-configs" makes the files of the cluster',
  },
  {
    applies: (facts) => hasIn(facts, 'manifests') || hasIn(facts, 'openshift'),
    text: 'edit the manifests if need be, then run "create ignition-configs" or "create single-node-ignition-config"',
  },
  {
    applies: ({ certificates }) => certificates?.isExpired === true,
    text: 'the certificates of the first boot have expired: make the Ignition configs again in a new directory',
  },
  {
    applies: (facts) => has(facts, 'bootstrap-in-place-for-live-iso.ign'),
    text: 'embed bootstrap-in-place-for-live-iso.ign in the live ISO and boot the machine before the certificates expire',
  },
  {
    applies: (facts) => has(facts, 'bootstrap.ign'),
    text: 'boot the machines with the Ignition configs before the certificates expire',
  },
  {
    applies: (facts) => has(facts, 'imagebasedconfig.iso'),
    text: 'attach imagebasedconfig.iso to the installed host and start it; auth/ has the credentials',
  },
  { applies: (facts) => has(facts, 'rhcos-ibi.iso'), text: 'boot the host from rhcos-ibi.iso' },
];

/** What a person would do next with a directory like this. */
export const findNextStep = (facts: Facts): string =>
  ADVICE.find(({ applies }) => applies(facts))?.text ??
  'put install-config.yaml into the directory; "create install-config" asks for what it needs';
