/** The sample that `image-based create image-config-template` writes; values as upstream's (spec/installer/09.1). */
export const INSTALLATION_CONFIG_TEMPLATE = `# A sample: replace every value by what the hosts are to be installed with.
# It is read by "image-based create image"; one ISO installs any number of hosts.
apiVersion: v1beta1
kind: ImageBasedInstallationConfig
metadata:
  name: example-image-based-installation-config
# The image that was made of the seed cluster, and the version of OpenShift in it.
seedImage: quay.io/openshift-kni/seed-image:4.16.0
seedVersion: 4.16.0
# The disk that is overwritten.
installationDisk: /dev/vda
# Credentials for the registry of the seed image, as JSON.
pullSecret: '<your-pull-secret>'
# State of the network during the installation in nmstate's form, IPv4, IPv6 or both; without it the host uses DHCP.
#networkConfig:
#  interfaces:
#    - name: eth0
#      type: ethernet
#      state: up
#      mac-address: 00:00:00:00:00:00
#      ipv4:
#        enabled: true
#        address:
#          - ip: 192.168.122.2
#            prefix-length: 23
#        dhcp: false
#      ipv6:
#        enabled: true
#        address:
#          - ip: 2001:db8::2
#            prefix-length: 64
#        dhcp: false
`;
