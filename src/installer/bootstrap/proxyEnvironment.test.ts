import { describe, expect, it } from 'vitest';
import { proxyValues } from './proxyEnvironment.ts';

const NONE = { httpProxy: '', httpsProxy: '', noProxy: '' };

describe('what the bootstrap machine is told of the proxy', () => {
  it('is nothing without one', () => {
    const nothing = { proxyExports: '', defaultEnvironment: '' };
    expect(proxyValues()).toEqual(nothing);
    expect(proxyValues(NONE)).toEqual(nothing);
  });

  it('leaves out what is not given', () => {
    expect(proxyValues({ ...NONE, httpProxy: 'http://proxy:3128' })).toEqual({
      proxyExports: "export HTTP_PROXY='http://proxy:3128'\n",
      defaultEnvironment: 'DefaultEnvironment="HTTP_PROXY=http://proxy:3128"\n',
    });
  });

  it('doubles percent signs for systemd, but not those of NO_PROXY and not for shells', () => {
    const { proxyExports, defaultEnvironment } = proxyValues({
      httpProxy: 'http://u:a%40b@proxy:3128',
      httpsProxy: 'https://u:%25@proxy:3129',
      noProxy: '.cluster.local,a%b',
    });
    expect(defaultEnvironment).toBe(
      [
        'DefaultEnvironment="HTTP_PROXY=http://u:a%%40b@proxy:3128"',
        'DefaultEnvironment="HTTPS_PROXY=https://u:%%25@proxy:3129"',
        'DefaultEnvironment="NO_PROXY=.cluster.local,a%b"',
        '',
      ].join('\n'),
    );
    expect(proxyExports).toContain("export HTTP_PROXY='http://u:a%40b@proxy:3128'\n");
  });

  it('lets no character of a password end the word', () => {
    const { proxyExports, defaultEnvironment } = proxyValues({
      ...NONE,
      httpProxy: `http://u:'"\\$(id)@proxy`,
    });
    expect(proxyExports).toBe(`export HTTP_PROXY='http://u:'\\''"\\$(id)@proxy'\n`);
    expect(defaultEnvironment).toBe(`DefaultEnvironment="HTTP_PROXY=http://u:'\\"\\\\$(id)@proxy"\n`);
  });
});
