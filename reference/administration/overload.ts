import type { Accounting } from '../schedulers/overhead.ts';

/** A server's connections against its thresholds. */
export interface Fill {
  /** Connections in any state. */
  readonly total: number;
  /** 0 is no threshold. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
  readonly overloaded: boolean;
}

/** When a server counts as overloaded. Each rule returns whether it does from now on. */
export interface OverloadRules {
  /** A connection was just counted in `fill.total`. */
  afterBind(fill: Fill): boolean;
  /** A connection was just taken out of `fill.total`. */
  afterUnbind(fill: Fill): boolean;
  /** `fill` has the new thresholds. */
  afterEdit(fill: Fill, formerUpper: number): boolean;
  /** Whether a persistence template that comes or goes, and is not counted, is a reason to look as well. */
  readonly looksAtTemplates: boolean;
}

/** The total below which an overloaded server takes connections again: the lower threshold, or 3/4 of the upper one. */
function relief({ upperThreshold, lowerThreshold }: Fill): number {
  return lowerThreshold !== 0 ? lowerThreshold : upperThreshold - (upperThreshold >> 2);
}

export const OVERLOAD: Readonly<Record<Accounting, OverloadRules>> = {
  /** Kernels up to 6.1.180: `ip_vs_conn.c:ip_vs_bind_dest`, `ip_vs_unbind_dest`, `ip_vs_ctl.c:__ip_vs_update_dest`. */
  classic: {
    afterBind: (fill) => fill.overloaded || (fill.upperThreshold !== 0 && fill.total >= fill.upperThreshold),
    afterUnbind: (fill) => {
      if (fill.lowerThreshold !== 0) return fill.overloaded && fill.total >= fill.lowerThreshold;
      if (fill.upperThreshold !== 0) return fill.overloaded && fill.total * 4 >= fill.upperThreshold * 3;
      return false;
    },
    // Only a higher limit, or none, is a reason to look again; a lower one shows at the next connection.
    afterEdit: (fill, formerUpper) =>
      fill.overloaded && fill.upperThreshold !== 0 && fill.upperThreshold <= formerUpper,
    looksAtTemplates: true,
  },
  /** Kernels from 6.1.187: `ip_vs_dest_update_overload`. The flag changes where the total crosses a threshold, not beyond it. */
  current: {
    afterBind: (fill) => fill.overloaded || (fill.upperThreshold !== 0 && fill.total === fill.upperThreshold),
    afterUnbind: (fill) => fill.overloaded && fill.total !== relief(fill) - 1,
    afterEdit: (fill) => {
      if (fill.upperThreshold === 0) return false;
      if (fill.total >= fill.upperThreshold) return true;
      return fill.overloaded && fill.total >= relief(fill);
    },
    looksAtTemplates: false,
  },
};
