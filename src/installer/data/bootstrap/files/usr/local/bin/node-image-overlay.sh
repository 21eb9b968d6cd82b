#!/usr/bin/env bash
# node-image-overlay.service: puts the checked-out node image in the place of the booted image's /usr.
set -euo pipefail

# shellcheck source=bootstrap-service-record.sh
. /usr/local/bin/bootstrap-service-record.sh

checkout=/var/ostree-container/checkout

# The kernel that runs is the boot image's: its modules have to stay in reach.
mount --bind /usr/lib/modules "${checkout}/usr/lib/modules"
mount --rbind "${checkout}/usr" /usr

# Configuration of the node image's programs. Files changed on this machine are not in the checkout.
cp --archive --no-target-directory /usr/etc /etc

# The policy was loaded from the boot image and does not know the node image's programs.
semodule --reload

# New units have come with the image.
systemctl daemon-reload
