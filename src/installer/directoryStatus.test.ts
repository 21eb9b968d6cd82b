import { expect, it } from 'vitest';
import { emptyIgnition, ignitionFile, renderIgnition } from '#api/ignition.ts';
import { renderPemFile } from '#formats/pem.ts';
import { issueCertificate } from '#pki/issue.ts';
import { goName } from '#pki/names.ts';
import { ecKey } from '#pki/testing.ts';
import { MemoryHost } from '#system/testing.ts';
import { gatherStatus } from './directoryStatus.ts';
import { renderState, STATE_FILE } from './stateFile.ts';
import { digestOf } from './targetDirectory.ts';

const END = new Date('2031-02-04T00:00:00Z');
const BEFORE = new Date('2031-02-03T23:59:59Z');
const AFTER = new Date('2031-02-04T00:00:01Z');
const CERTIFICATE = issueCertificate(
  { subject: goName({ commonName: 'day' }), serial: 1n, notBefore: new Date(0), notAfter: END },
  ecKey(),
);
const PEM = renderPemFile('CERTIFICATE', CERTIFICATE.der);

const status = (files: Record<string, string>, now: Date = BEFORE) => {
  const tree = Object.entries(files).map(([path, content]) => [`/dir/${path}`, content]);
  return gatherStatus('/dir', new MemoryHost(Object.fromEntries(tree)).files, now);
};

const state = (over: Partial<Parameters<typeof renderState>[0]> = {}): Record<string, string> => ({
  [STATE_FILE]: renderState({ values: new Map(), consuming: {}, consumed: {}, made: {}, ...over }),
});

const ignition = (path: string): string => {
  const files = [ignitionFile(path, 0o600, PEM), ignitionFile('/opt/bad.crt', 0o600, 'no certificate')];
  return renderIgnition({ ...emptyIgnition(), storage: { files } });
};

it('tells an empty directory how to begin', async () => {
  expect(await status({})).toEqual({
    made: [],
    inputs: [],
    consumed: [],
    interrupted: [],
    outputs: [],
    next: expect.stringContaining('create install-config'),
  });
});

it('lists what was made, in the order of time, and what became of the inputs', async () => {
  const made = { Manifests: '2031-02-03T05:00:00Z', 'Install-Config': '2031-02-03T04:00:00Z' };
  const files = {
    ...state({ made, consumed: { 'install-config.yaml': 'eA==' } }),
    'manifests/a.yaml': 'a: 1',
  };
  expect(await status(files)).toMatchObject({
    made: [{ target: 'Install-Config' }, { target: 'Manifests' }],
    inputs: ['manifests/a.yaml'],
    consumed: ['install-config.yaml'],
    next: expect.stringContaining('create ignition-configs'),
  });
});

it.each([
  ['install-config.yaml', 'create manifests'],
  ['image-based-config.yaml', 'put install-config.yaml beside it'],
  ['image-based-installation-config.yaml', 'image-based create image'],
  ['bootstrap.ign', 'boot the machines'],
  ['imagebasedconfig.iso', 'attach imagebasedconfig.iso'],
  ['rhcos-ibi.iso', 'boot the host from rhcos-ibi.iso'],
])('advises on a directory with %s', async (path, advice) => {
  expect((await status({ [path]: '{}' })).next).toContain(advice);
});

it('knows the rest of an interrupted run from a new input', async () => {
  const consuming = { 'install-config.yaml': digestOf(Buffer.from('old')) };
  const interrupted = await status({ ...state({ consuming }), 'install-config.yaml': 'old' });
  expect(interrupted).toMatchObject({
    interrupted: ['install-config.yaml'],
    next: expect.stringContaining('run the same command again'),
  });
  const edited = await status({ ...state({ consuming }), 'install-config.yaml': 'new' });
  expect(edited).toMatchObject({ interrupted: [], next: expect.stringContaining('create manifests') });
});

it.each(['bootstrap.ign', 'bootstrap-in-place-for-live-iso.ign'])(
  'tells until when the certificates in %s are valid, and since when they are not',
  async (file) => {
    const files = { [file]: ignition('/opt/openshift/tls/a.crt') };
    const certificates = { file, validUntil: '2031-02-04T00:00:00Z', isExpired: false, expired: [] };
    expect((await status(files, BEFORE)).certificates).toEqual(certificates);
    expect((await status(files, END)).certificates).toEqual(certificates);
    const late = await status(files, AFTER);
    expect(late.certificates).toEqual({
      ...certificates,
      isExpired: true,
      expired: ['/opt/openshift/tls/a.crt'],
    });
    expect(late.next).toContain('in a new directory');
  },
);

it('looks at certificates that are only in the state', async () => {
  const values = new Map([['*tls.Day', { CertRaw: Buffer.from(PEM).toString('base64') }]]);
  expect((await status(state({ values }), AFTER)).certificates).toEqual({
    file: STATE_FILE,
    validUntil: '2031-02-04T00:00:00Z',
    isExpired: true,
    expired: ['*tls.Day'],
  });
});

it('passes over an Ignition config that has no certificate or is broken', async () => {
  expect((await status({ 'bootstrap.ign': ignition('/etc/motd') })).certificates).toBeUndefined();
  expect((await status({ 'bootstrap.ign': '{' })).certificates).toBeUndefined();
});

it('refuses the state of another program, as the commands do', async () => {
  await expect(status({ [STATE_FILE]: '{"*installconfig.ClusterID":{}}' })).rejects.toThrow(
    'another program',
  );
});
