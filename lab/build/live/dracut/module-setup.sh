#!/bin/bash
# What the initramfs of a live ISO needs beside Ignition's own module: its root, its configuration, and the two
# commands that Ignition asks the distribution for.

check() {
    return 255 # only where it is asked for
}

depends() {
    echo systemd ignition
}

installkernel() {
    hostonly='' instmods sr_mod isofs loop squashfs overlay
}

install() {
    inst_multiple mkdir mount cp systemctl systemd-machine-id-setup
    inst_script "$moddir/is-live-image" /usr/bin/is-live-image
    inst_script "$moddir/setfiles" /usr/sbin/setfiles
    inst_script "$moddir/lab-live-root" /usr/sbin/lab-live-root
    inst_script "$moddir/lab-ignition-config" /usr/sbin/lab-ignition-config
    inst_script "$moddir/lab-enable-units" /usr/sbin/lab-enable-units
    local unit
    for unit in lab-live-root.service lab-ignition-config.service lab-enable-units.service; do
        inst_simple "$moddir/$unit" "$systemdsystemunitdir/$unit"
    done
    $SYSTEMCTL -q --root "$initdir" add-requires initrd-root-fs.target lab-live-root.service
    $SYSTEMCTL -q --root "$initdir" add-requires ignition-complete.target lab-ignition-config.service
    $SYSTEMCTL -q --root "$initdir" add-requires ignition-complete.target lab-enable-units.service
}
