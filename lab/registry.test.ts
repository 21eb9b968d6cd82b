import { expect, test } from 'vitest';
import { hasListener } from './registry.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0196A8C0:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0200000A:0050 00000000:0000 01 00000000:00000000 00:00000000 00000000     0        0 2 1
`;

test.each([
  ['192.168.150.1:5000', true],
  ['192.168.150.1:5001', false],
  ['192.168.150.2:5000', false],
  ['10.0.0.2:80', false], // connected, not listening
])('%s is listened on: %s', (endpoint, expected) => {
  expect(hasListener(table, endpoint)).toBe(expected);
});
