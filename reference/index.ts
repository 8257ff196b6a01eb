/** The reference director as a library: `import { Director } from 'lvs-conformance/reference'`. */
export { CommandRefused } from './administration/command-refused.ts';
export { Director, type DirectorOptions } from './director.ts';
export type { Environment, PortConfiguration, RouteConfiguration } from './environment.ts';
export { InternalFault, MalformedInput, UnsupportedFeature } from './errors.ts';
export { PROFILES, type Profile } from './profile.ts';
