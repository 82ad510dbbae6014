/** Adds the maintenance windows of operators to those of the configuration, for the pages. */
import type pg from 'pg'
import type { MaintenanceSpan } from '../schedule/maintenance.ts'
import { isInWindow, readWindows } from '../store/maintenance-windows.ts'

interface Maintenance {
  isInMaintenance(check: string, at: Date): boolean
  maintenanceSpans(after: Date, until: Date): MaintenanceSpan[]
}

/** @param since Windows that ended before are not needed. */
export async function withOperatorWindows(
  pool: pg.Pool,
  { isInMaintenance, maintenanceSpans }: Maintenance,
  since: Date,
): Promise<Maintenance> {
  const windows = await readWindows(pool, since)
  return {
    isInMaintenance: (check, at) => isInMaintenance(check, at) || isInWindow(windows, check, at),
    maintenanceSpans: (after, until) => [
      ...maintenanceSpans(after, until),
      ...windows.filter(({ begin, end }) => begin < until && end > after),
    ],
  }
}
