/** A server in `ipvsadm -L -n`. */
export interface ListedServer {
  readonly address: string;
  readonly weight: number;
}

/** The servers of a listing of one service, in its order. */
export function serversListed(listing: string): readonly ListedServer[] {
  // "  -> 10.3.0.11:80                 Masq    1      0          0", below a heading of the same beginning.
  return [...listing.matchAll(/^ {2}-> \[?([\da-f.:]+?)\]?:\d+ +\S+ +(\d+)/gm)].map(([, address = '', weight]) => ({
    address,
    weight: Number(weight),
  }));
}
