import { PLATFORMS } from '#api/installConfig.ts';
import { Failure } from '#base/failure.ts';
import { defineAsset, type GenerateContext } from '../../asset.ts';
import { type Choice, findAnswer, type Mapping, mappingOf, memberAt } from '../../interview.ts';
import { askBareMetal } from './bareMetalInterview.ts';

export interface PlatformValue {
  /** As it stands in the install-config: one key, the platform's name. */
  readonly Platform: Mapping;
}

/** The platforms that clusters are installed on here. Upstream's wizard can't choose the first two. */
const OFFERED: readonly Choice[] = [
  { value: 'none', help: 'machines that you provide and boot yourself, load balancer and DNS too' },
  { value: 'external', help: 'as none, for a cloud that brings its own cloud controller manager' },
  { value: 'baremetal', help: 'machines that are switched on and installed over their board controllers' },
];

/** What the cluster runs on. */
export const platform = defineAsset({
  name: 'Platform',
  stateKey: '*installconfig.platform',
  inputs: {},
  async generate(_, context): Promise<PlatformValue> {
    const { interview } = context;
    const given = mappingOf(interview && memberAt(interview.given, ['platform']));
    // A platform that is null is not there for the decoder either.
    const name = Object.keys(given).find((key) => given[key] !== null) ?? (await askName(context));
    if (name === 'ovirt' || !(PLATFORMS as readonly string[]).includes(name)) throw unknownPlatform(name);
    if (name === 'baremetal' && interview !== undefined) {
      return { Platform: { ...given, baremetal: await askBareMetal(interview) } };
    }
    return { Platform: { ...given, [name]: mappingOf(given[name]) } };
  },
});

const askName = ({ interview }: GenerateContext): Promise<string> =>
  findAnswer(
    {
      path: ['platform'],
      flag: '--platform',
      message: 'Platform',
      kind: 'choice',
      help: 'what the cluster runs on',
      choices: OFFERED,
    },
    interview,
  );

const unknownPlatform = (name: string): Failure =>
  new Failure({
    code: 'installer/platform-unknown',
    message: name === 'ovirt' ? 'platform oVirt is no longer supported' : `invalid platform "${name}"`,
    hint: `choose one of ${OFFERED.map(({ value }) => value).join(', ')}`,
  });
