import { expect, it } from 'vitest';
import { explainResource } from './explain.ts';

it('lays out a field with its labels, words and members', () => {
  expect(explainResource(['installconfig.capabilities'])).toBe(
    [
      'KIND:     InstallConfig',
      'VERSION:  v1',
      '',
      'RESOURCE: <object>',
      '  Optional parts of the cluster; without this all of them.',
      '',
      'FIELDS:',
      '    additionalEnabledCapabilities <[]string>',
      '      Parts to add to the set.',
      '',
      '    baselineCapabilitySet <string> -required-',
      '      The set to start from: None, that of a version such as v4.18, or vCurrent.',
      '',
      '',
    ].join('\n'),
  );
});

it('shows defaults, formats and valid values as JSON', () => {
  const text = explainResource(['installconfig.networking']);
  expect(text).toContain('    machineNetwork <[]object>\n      Default: [{"cidr":"10.0.0.0/16"}]\n');
  expect(text).toContain('    machineCIDR <string>\n      Format: cidr\n');
  expect(explainResource(['installconfig.publish'])).toContain(
    'RESOURCE: <string>\n  Default: "External"\n  Valid Values: "External","Internal","Mixed"\n',
  );
});

it('goes into lists', () => {
  const text = explainResource(['installconfig.platform.baremetal.hosts.bmc']);
  expect(text).toContain('    password <string> -required-\n');
  expect(explainResource(['installconfig.compute'])).toContain('RESOURCE: <[]object>\n');
});

it.each([
  [[], 'You must specify the type of resource to explain'],
  [['installconfig', 'x'], 'We accept only this format: explain RESOURCE'],
  [['pod'], 'only installconfig resource is supported'],
  [
    ['installconfig.nope'],
    'failed to load schema for the field nope: invalid field nope, no such property found',
  ],
  [
    ['installconfig.sshKey.x'],
    'failed to load schema for the field sshKey.x: invalid field x, no such property found',
  ],
])('refuses %j', (operands, message) => {
  expect(() => explainResource(operands)).toThrow(`Error executing openshift-install: ${message}`);
});
