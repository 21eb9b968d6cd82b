/** The OpenShift release whose behaviour this version has (spec/additions 1), with the original's default pull spec. */
export const RELEASE = {
  version: '4.19.0',
  image: 'registry.ci.openshift.org/origin/release:4.19',
  architecture: 'amd64',
} as const;
