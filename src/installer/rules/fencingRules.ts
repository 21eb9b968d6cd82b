import type { FencingCredential, InstallConfig } from '#api/installConfig.ts';
import type { Problem } from '#base/report.ts';
import { duplicate, forbidden, invalid, required } from './fieldErrors.ts';
import { platformNameOf } from './platformRules.ts';

const PATH = 'controlPlane.fencing';
const WITH_FENCING = ['baremetal', 'external', 'none'];
const VERIFICATIONS = ['', 'Enabled', 'Disabled'];
/** The members that must be given, and upstream's names of them. */
const NEEDED = {
  hostName: 'HostName',
  username: 'Username',
  password: 'Password',
  address: 'Address',
} as const;
const UNIQUE: readonly string[] = ['hostName', 'address'];

/** Two control planes without an arbiter need one credential each, and nothing else may have any (spec/installer/03.5, row 20). */
export function fencingProblems(config: InstallConfig): Problem[] {
  const { controlPlane, arbiter } = config;
  if (controlPlane === undefined) return [];
  const credentials = controlPlane.fencing?.credentials ?? [];
  const found = credentials.flatMap((_, i) => memberProblems(credentials, i));
  const platform = platformNameOf(config);
  if (controlPlane.fencing !== undefined && !WITH_FENCING.includes(platform)) {
    const detail = `fencing is only supported on baremetal, external or none platforms, instead ${platform} platform was found`;
    found.push(forbidden(PATH, detail));
  }
  credentials.forEach(({ certificateVerification: value }, i) => {
    if (VERIFICATIONS.includes(value)) return;
    const detail = `invalid certificate verification; "${value}" should set to one of the following: ['Enabled' (default), 'Disabled']`;
    found.push(invalid(`${PATH}.credentials[${i}][CertificateVerification]`, value, detail));
  });
  const count = `instead ${credentials.length} credentials were found`;
  if (controlPlane.replicas === 2 && arbiter === undefined) {
    if (credentials.length !== 2) {
      const detail = `there should be exactly two fencing credentials to support the two node cluster, ${count}`;
      found.push(forbidden(`${PATH}.credentials`, detail));
    }
  } else if (credentials.length > 0) {
    const detail = `there should not be any fencing credentials configured for a non dual replica control plane (Two Nodes Fencing) cluster, ${count}`;
    found.push(forbidden(`${PATH}.credentials`, detail));
  }
  return found;
}

function memberProblems(credentials: readonly FencingCredential[], index: number): Problem[] {
  const credential = credentials[index]!;
  return (Object.keys(NEEDED) as (keyof typeof NEEDED)[]).flatMap((member) => {
    const path = `${PATH}.credentials[${index}].${member}`;
    const value = credential[member];
    if (value === '') return [required(path, `missing ${NEEDED[member]}`)];
    const isTaken = credentials.slice(0, index).some((other) => other[member] === value);
    return UNIQUE.includes(member) && isTaken ? [duplicate(path, value)] : [];
  });
}
