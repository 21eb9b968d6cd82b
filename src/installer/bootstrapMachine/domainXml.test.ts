import { expect, test } from 'vitest';
import { type BootstrapDomain, renderDomain } from './domainXml.ts';

const DOMAIN: BootstrapDomain = {
  name: 'bm-bootstrap',
  architecture: 'x86_64',
  type: 'kvm',
  disk: { pool: 'bm-bootstrap', volume: 'bm-bootstrap' },
  ignition: '/pool/bm-bootstrap.ign',
  bridges: [
    { name: 'baremetal', mac: '52:54:00:00:00:01' },
    { name: `a"<&'b`, mac: '52:54:00:00:00:02' },
  ],
  randomDevice: '/dev/urandom',
};

test('the machine has the disk, the cards in their order and the Ignition config', () => {
  const xml = renderDomain(DOMAIN);
  for (const part of [
    '<memory unit="MiB">6144</memory><vcpu>4</vcpu>',
    '<entry name="opt/com.coreos/config" file="/pool/bm-bootstrap.ign"/>',
    '<cpu mode="host-passthrough"/>',
    '<features><acpi/><apic/><pae/></features>',
    '<source pool="bm-bootstrap" volume="bm-bootstrap"/><target dev="vda" bus="virtio"/>',
    '<mac address="52:54:00:00:00:01"/><source bridge="baremetal"/><model type="virtio"/></interface><interface type="bridge"><mac address="52:54:00:00:00:02"/>',
    '<target type="virtio" name="org.qemu.guest_agent.0"/>',
  ]) {
    expect(xml).toContain(part);
  }
});

test('a name of a bridge stays a name', () => {
  expect(renderDomain(DOMAIN)).toContain('<source bridge="a&quot;&lt;&amp;&apos;b"/>');
});

test('on aarch64 there is UEFI, and nothing that only x86 has', () => {
  const xml = renderDomain({ ...DOMAIN, architecture: 'aarch64' });
  expect(xml).toContain('<os firmware="efi"><type arch="aarch64">hvm</type>');
  expect(xml).toContain('<features><acpi/></features>');
});
