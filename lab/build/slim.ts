import { glob, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What comes with the packages but is never used on a running lab host; it would travel in every seed image. */
export const UNUSED_PATHS: readonly string[] = [
  // Package management and the languages that only maintainer scripts need.
  'etc/apt',
  'usr/{bin,lib,share}/{perl*,python3*}',
  'usr/lib/x86_64-linux-gnu/{perl*,libperl*,libapt*,libpython*}',
  'usr/{bin,lib}/apt*',
  'usr/bin/{pdb3*,py3*,pydoc3*,pygettext3*}',
  // Only the initramfs of the live ISO has it.
  'usr/lib/dracut/modules.d/30ignition',
  // Texts, databases and conversions.
  'usr/share/{bash-completion,bug,common-licenses,doc,gnupg,grub,icons,info,initramfs-tools,lintian,locale,man,pixmaps,zoneinfo}',
  'usr/lib/x86_64-linux-gnu/gconv',
  '{etc,usr/lib}/udev/hwdb.{bin,d}',
  // Programs beside the ones that are used.
  'usr/bin/{containerd-shim,containerd-shim-runc-v1,containerd-stress,pzstd,gpgcompose,nmtui*}',
  'usr/bin/grub-{file,fstest,glue-efi,mkfont,mknetdir,mkrescue,mkstandalone,mount,render-label,syslinux2cfg}',
  'usr/sbin/grub-macbless',
  'usr/lib/cni/{bandwidth,dhcp,host-device,ipvlan,macvlan,ptp,sbr,static,vlan,vrf}',
];

/** Kernel modules for hardware and protocols that no lab host meets, below /usr/lib/modules/VERSION/kernel. */
export const UNUSED_MODULES: readonly string[] = [
  'drivers/{comedi,gpu,hid,hv,infiniband,md,media,target,usb,xen}',
  'drivers/net/{ethernet,hyperv,usb,wireless}',
  'drivers/scsi/{bnx2fc,lpfc,megaraid,mpt3sas,qla*,smartpqi}',
  'fs/{afs,btrfs,ceph,cifs,dlm,f2fs,gfs2,jfs,nfs*,ntfs3,ocfs2,smb*}',
  'net/{batman-adv,ceph,openvswitch,rds,rxrpc,sctp,smc,sunrpc,tipc}',
  'sound',
];

/** Removes the unused paths from a tree whose kernel has the given version. */
export async function slimTree(tree: string, kernelVersion: string): Promise<void> {
  const modules = UNUSED_MODULES.map((path) => join('usr/lib/modules', kernelVersion, 'kernel', path));
  for (const pattern of [...UNUSED_PATHS, ...modules]) {
    for await (const path of glob(pattern, { cwd: tree })) {
      await rm(join(tree, path), { recursive: true, force: true });
    }
  }
}
