// The badge of maintenance on a device's card: only where there is something to do.

import { h } from "../dom.js";
import { number, t } from "../texts.js";
import { devicePage } from "./words.js";

/** maintenance: of /api/devices, or null; null where nothing is due. */
export function maintenanceBadge(device, maintenance) {
  if (!maintenance || ["ok", "none"].includes(maintenance.state)) return null;
  const { state, left_h: left } = maintenance;
  const hours = left === null ? "" : `, ${t(left > 0 ? "maint.left" : "maint.over", { n: number(Math.abs(left), Math.abs(left) < 10 ? 1 : 0) })}`;
  return h(`a.maint-badge.${state}`, { href: devicePage(device) }, t(`maint.state.${state}`) + hours);
}
