/** The sample that `image-based create config-template` writes; values as upstream's (spec/installer/09.3). */
export const IMAGE_BASED_CONFIG_TEMPLATE = `# A sample: replace every value by what this cluster is to have.
# It is read by "image-based create config-image", together with install-config.yaml.
apiVersion: v1beta1
kind: ImageBasedConfig
metadata:
  name: example-image-based-config
# Time sources: IP addresses or names.
additionalNTPSources:
  - 0.rhel.pool.ntp.org
  - 1.rhel.pool.ntp.org
# Name of the node; without it the host keeps the name it gets from DHCP or DNS.
hostname: change-to-hostname
# Registry that the release images are pulled from.
releaseRegistry: quay.io
# State of the network in nmstate's form; leave it out for DHCP.
networkConfig:
  interfaces:
    - name: eth0
      type: ethernet
      state: up
      mac-address: 00:00:00:00:00:00
      ipv4:
        enabled: true
        address:
          - ip: 192.168.122.2
            prefix-length: 23
        dhcp: false
`;
