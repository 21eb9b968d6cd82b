import { expect, it } from 'vitest';
import { computeProxy, renderRecertProxy } from './proxy.ts';
import { reconfiguration, seedInfo } from './testing.ts';

const proxy = {
  httpProxy: 'http://p.example:3128',
  httpsProxy: 'http://p.example:3129',
  noProxy: 'b.example, a.example',
};

it('completes no_proxy, sorted and without doubles, for spec and status', () => {
  const target = reconfiguration({ proxy });
  const computed = computeProxy(target, seedInfo());
  const expected = [
    ...['.cluster.local', '.svc', '10.128.0.0/14', '127.0.0.1', '172.30.0.0/16', '198.51.100.0/24'],
    ...['a.example', `api-int.${target.cluster_name}.${target.base_domain}`, 'b.example', 'localhost'],
  ];
  expect(computed?.spec.noProxy.split(',')).toEqual(expected.sort());
  expect(computed?.status).toEqual(computed?.spec);
});

it('takes a given status as it is', () => {
  const status_proxy = { ...proxy, noProxy: 'x' };
  expect(computeProxy(reconfiguration({ proxy, status_proxy }), seedInfo())).toEqual({
    spec: proxy,
    status: status_proxy,
  });
});

it('is undefined without a proxy', () => {
  expect(computeProxy(reconfiguration(), seedInfo())).toBeUndefined();
});

it('joins six fields for recert', () => {
  const one = { httpProxy: 'a', httpsProxy: '', noProxy: 'c' };
  expect(renderRecertProxy({ spec: one, status: one })).toBe('a||c|a||c');
});
