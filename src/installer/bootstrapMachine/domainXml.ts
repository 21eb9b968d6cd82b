import { renderXml, type XmlElement } from '#formats/xml.ts';

/** The virtual machine that bootstraps a cluster. */
export interface BootstrapDomain {
  readonly name: string;
  /** Of the host that libvirt runs on: `x86_64`, `aarch64`. */
  readonly architecture: string;
  /** `kvm`, or `qemu` where there is no hardware for it. */
  readonly type: string;
  readonly disk: { readonly pool: string; readonly volume: string };
  /** Path on libvirt's host. */
  readonly ignition: string;
  readonly bridges: readonly Bridge[];
  readonly randomDevice: string;
}

/** A network of the host that the machine has a card in. */
export interface Bridge {
  readonly name: string;
  readonly mac: string;
}

const MEMORY_MIB = '6144';
const PROCESSORS = '4';
/** Where Ignition looks for its config in a machine of QEMU's. */
const IGNITION_KEY = 'opt/com.coreos/config';

/** libvirt's definition of the machine (spec/installer/07.5). */
export const renderDomain = (domain: BootstrapDomain): string =>
  `${renderXml({
    name: 'domain',
    attributes: { type: domain.type },
    children: [
      { name: 'name', children: [domain.name] },
      { name: 'memory', attributes: { unit: 'MiB' }, children: [MEMORY_MIB] },
      { name: 'vcpu', children: [PROCESSORS] },
      // libvirt passes this file on, and lets its QEMU read it where access is guarded by labels.
      {
        name: 'sysinfo',
        attributes: { type: 'fwcfg' },
        children: [{ name: 'entry', attributes: { name: IGNITION_KEY, file: domain.ignition } }],
      },
      systemOf(domain),
      { name: 'features', children: featuresOf(domain) },
      // Only real hardware can be passed through.
      { name: 'cpu', attributes: { mode: domain.type === 'kvm' ? 'host-passthrough' : 'maximum' } },
      { name: 'devices', children: devicesOf(domain) },
    ],
  })}\n`;

const isArm = ({ architecture }: BootstrapDomain): boolean => architecture === 'aarch64';

const systemOf = (domain: BootstrapDomain): XmlElement => ({
  name: 'os',
  ...(isArm(domain) && { attributes: { firmware: 'efi' } }),
  children: [
    { name: 'type', attributes: { arch: domain.architecture }, children: ['hvm'] },
    { name: 'boot', attributes: { dev: 'hd' } },
  ],
});

const featuresOf = (domain: BootstrapDomain): XmlElement[] =>
  (isArm(domain) ? ['acpi'] : ['acpi', 'apic', 'pae']).map((name) => ({ name }));

const devicesOf = ({ disk, bridges, randomDevice }: BootstrapDomain): XmlElement[] => [
  {
    name: 'disk',
    attributes: { type: 'volume', device: 'disk' },
    children: [
      { name: 'driver', attributes: { name: 'qemu', type: 'qcow2' } },
      { name: 'source', attributes: { pool: disk.pool, volume: disk.volume } },
      { name: 'target', attributes: { dev: 'vda', bus: 'virtio' } },
    ],
  },
  ...bridges.map(cardOf),
  { name: 'serial', attributes: { type: 'pty' } },
  { name: 'console', attributes: { type: 'pty' } },
  {
    name: 'channel',
    attributes: { type: 'unix' },
    children: [{ name: 'target', attributes: { type: 'virtio', name: 'org.qemu.guest_agent.0' } }],
  },
  { name: 'graphics', attributes: { type: 'vnc', autoport: 'yes' } },
  {
    name: 'rng',
    attributes: { model: 'virtio' },
    children: [{ name: 'backend', attributes: { model: 'random' }, children: [randomDevice] }],
  },
];

const cardOf = ({ name, mac }: Bridge): XmlElement => ({
  name: 'interface',
  attributes: { type: 'bridge' },
  children: [
    { name: 'mac', attributes: { address: mac } },
    { name: 'source', attributes: { bridge: name } },
    { name: 'model', attributes: { type: 'virtio' } },
  ],
});
