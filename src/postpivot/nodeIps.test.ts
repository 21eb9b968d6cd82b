import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseNodeIps, parseNodeIps, renderNodeIpHint, setNodeIps } from './nodeIps.ts';

const unit = (...assignments: string[]): string =>
  `[Service]\n${assignments.map((a) => `Environment="${a}"`).join('\n')}\n`;

describe('parseNodeIps', () => {
  it.each([
    ['one address', unit('KUBELET_NODE_IP=192.0.2.7'), ['192.0.2.7']],
    ['without quotes', '[Service]\nEnvironment=KUBELET_NODE_IP=192.0.2.7\n', ['192.0.2.7']],
    ['a list', unit('KUBELET_NODE_IPS=192.0.2.7,2001:db8::7'), ['192.0.2.7', '2001:db8::7']],
    [
      'the list wins',
      unit('KUBELET_NODE_IPS=192.0.2.7,192.0.2.8', 'KUBELET_NODE_IP=192.0.2.9'),
      ['192.0.2.7', '192.0.2.8'],
    ],
    [
      'both in one line',
      '[Service]\nEnvironment="KUBELET_NODE_IP=192.0.2.9" "KUBELET_NODE_IPS=192.0.2.9"\n',
      ['192.0.2.9'],
    ],
    ['IPv6 alone', unit('KUBELET_NODE_IP=2001:db8::7'), ['2001:db8::7']],
    ['blanks around commas', unit('KUBELET_NODE_IPS=192.0.2.7 , 2001:db8::7'), ['192.0.2.7', '2001:db8::7']],
    ['the later line wins', unit('KUBELET_NODE_IP=192.0.2.7', 'KUBELET_NODE_IP=192.0.2.8'), ['192.0.2.8']],
    ['nothing', unit('OTHER=1'), []],
    ['an empty text', '', []],
  ])('%s', (_, text, expected) => {
    expect(parseNodeIps(text)).toEqual(expected);
  });
});

const ip = fc.ipV4();

describe('setNodeIps', () => {
  it('is read back, whatever the drop-in said', () => {
    fc.assert(
      fc.property(
        fc.array(ip, { maxLength: 2 }),
        fc.array(ip, { minLength: 1, maxLength: 2 }),
        (old, now) => {
          const before = old.length === 0 ? '' : setNodeIps('', old);
          expect(parseNodeIps(setNodeIps(before, now))).toEqual(now);
        },
      ),
    );
  });

  it('keeps everything else', () => {
    const before = '[Service]\nEnvironment=KUBELET_NODE_IP=192.0.2.7\nEnvironment=A=b\n';
    expect(setNodeIps(before, ['198.51.100.1'])).toBe(
      '[Service]\nEnvironment=KUBELET_NODE_IP=198.51.100.1\nEnvironment=A=b\n',
    );
  });
});

describe('chooseNodeIps', () => {
  it('takes the first address of each network, in order of the networks', () => {
    const addresses = ['203.0.113.1', '2001:db8::5', '192.0.2.5', '192.0.2.6'];
    expect(chooseNodeIps(addresses, ['192.0.2.0/24', '2001:db8::/64'])).toEqual(['192.0.2.5', '2001:db8::5']);
  });

  it('is undefined while one network has no address', () => {
    expect(chooseNodeIps(['192.0.2.5'], ['192.0.2.0/24', '2001:db8::/64'])).toBeUndefined();
  });
});

it('renderNodeIpHint names the networks, without a newline', () => {
  expect(renderNodeIpHint(['192.0.2.0/24', '2001:db8::/64'])).toBe(
    'KUBELET_NODEIP_HINT=192.0.2.0 2001:db8::',
  );
});
