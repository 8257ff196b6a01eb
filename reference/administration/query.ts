import type { ServiceAddress } from './command.ts';
import type { ListingOptions } from './ipvsadm-listing.ts';

/** A command of the ipvsadm language that shows something and changes nothing. */
export type Query =
  /** `-L` of all services or of one. */
  | { readonly kind: 'services'; readonly only: ServiceAddress | undefined; readonly options: ListingOptions }
  /** `-L -c` */
  | { readonly kind: 'connections'; readonly withEngineData: boolean }
  /** `-L --timeout` */
  | { readonly kind: 'timeouts' }
  /** `-L --daemon` */
  | { readonly kind: 'daemons' }
  /** `-S` */
  | { readonly kind: 'save' };
