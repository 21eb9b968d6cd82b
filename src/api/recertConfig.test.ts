import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderProblem } from '#base/report.ts';
import { parseRecertConfig, type RecertConfig, renderRecertConfig } from './recertConfig.ts';

const problemsOf = (text: string): string[] => parseRecertConfig(text).report.map(renderProblem);

describe('recert config', () => {
  it('reads what it renders', () => {
    const config = fc.record(
      {
        etcd_endpoint: fc.string(),
        crypto_dirs: fc.array(fc.string()),
        ip: fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 2 })),
        kubeadmin_password_hash: fc.string(),
        extend_expiration: fc.boolean(),
        threads: fc.integer({ min: 1, max: 99 }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(config, (value) => {
        const read = parseRecertConfig(renderRecertConfig(value as RecertConfig));
        expect(read.ok && read.value).toEqual(value);
      }),
    );
  });

  it('reads YAML as well', () => {
    const read = parseRecertConfig('hostname: a\nip: [1.2.3.4]\nchrony_config: |\n  x\n');
    expect(read.ok && read.value).toEqual({ hostname: 'a', ip: ['1.2.3.4'], chrony_config: 'x\n' });
  });

  it.each([
    ['- a', /must be a mapping/],
    ['a: 1\nb: 2', /unknown keys "a, b" in config file/],
    ['hostname: null', /hostname: must be a string/],
    ['dry_run: "yes"', /dry_run: must be a boolean/],
    ['crypto_dirs: x', /crypto_dirs: must be a list/],
    ['threads: 0', /threads: must be a positive number/],
    ['ip: [a, b, c]', /ip: takes at most two/],
    ['dry_run: true\nforce_expire: true', /can't be used together/],
    ['dry_run: true\nregenerate_server_ssh_keys: /x', /can't be used together/],
    ['static_dirs: [a]\ncrypto_dirs: [b]', /can't be used together/],
    ['ip_change_only: true', /needs at least one of cn_san_replace_rules/],
  ])('refuses %j', (text, message) => {
    expect(problemsOf(text).join('\n')).toMatch(message);
  });

  it('allows in a file what only the command line refuses', () => {
    expect(
      problemsOf('extend_expiration: true\netcd_defrag: true\nstatic_dirs: []\ncrypto_dirs: [b]'),
    ).toEqual([]);
  });

  it('never quotes a value', () => {
    expect(problemsOf('pull_secret: [hunter2]').join()).not.toContain('hunter2');
  });
});
