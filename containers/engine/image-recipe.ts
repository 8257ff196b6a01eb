import { createHash } from 'node:crypto';
import { PACKAGES, SUITE } from './packages.ts';

export const REPOSITORY = 'lvs-conformance';
export const BASE_IMAGE = `debian:${SUITE}-slim`;

const NAMES = Object.keys(PACKAGES).sort();

/** For `docker build`, on a base image of a registry. */
export const DOCKERFILE = `FROM ${BASE_IMAGE}
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${NAMES.join(' ')} && rm -rf /var/lib/apt/lists/*
`;

/** For mmdebstrap: the same packages, and like the base image without documentation and translations. The last one stands for standard output. */
export const MMDEBSTRAP_ARGUMENTS: readonly string[] = [
  '--variant=minbase',
  `--include=${NAMES.join(',')}`,
  ...['doc', 'info', 'locale', 'man'].map((folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`),
  '--format=tar',
  SUITE,
  '-',
];

/** Names what is in the image: another list of packages, or another way to install them, is another image. */
export const TAG = createHash('sha256')
  .update(JSON.stringify([DOCKERFILE, MMDEBSTRAP_ARGUMENTS]))
  .digest('hex')
  .slice(0, 12);

export const IMAGE = `${REPOSITORY}:${TAG}`;
