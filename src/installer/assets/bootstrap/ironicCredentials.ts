import { defineAsset } from '../../asset.ts';
import { SALT_OCTETS } from '../../passwords.ts';
import { randomText } from '../../random.ts';

/** How the bootstrap machine's Ironic is logged in to (spec/installer/06.3.3). */
export interface IronicCredentials {
  readonly Username: string;
  readonly Password: string;
  /** For the bcrypt text of it, in base64: the same state gives the same Ignition config. */
  readonly Salt: string;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_LENGTH = 16;

/** Upstream makes them on all platforms, and its state file has them. */
export const ironicCredentials = defineAsset<IronicCredentials, Record<never, never>>({
  name: 'Ironic bootstrap credentials',
  stateKey: '*baremetal.IronicCreds',
  inputs: {},
  generate: (_, { random }) => ({
    Username: 'bootstrap-user',
    Password: randomText(random, ALPHABET, PASSWORD_LENGTH),
    Salt: random(SALT_OCTETS).toString('base64'),
  }),
});
