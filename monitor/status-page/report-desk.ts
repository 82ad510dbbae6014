/** ReportDesk: what `/reports/RUN` asks for. */
import type { Readable } from 'node:stream'

export type OpenedReport =
  /**
   * `showsTraces`: browsers run the trace viewer, since the URL is https or of this machine. `hasEvidence`: there is
   * something to download.
   */
  | { kind: 'ready'; url: string; showsTraces: boolean; hasEvidence: boolean }
  /** The report is there, and no URL is known at which the viewer reaches it. */
  | { kind: 'unreachable'; hasEvidence: boolean }
  /** Removed, as `retention` says; the time if it is known. */
  | { kind: 'removed'; at: Date | undefined }
  /** `folder`: another instance may have it. */
  | { kind: 'absent'; place: 'folder' | 'shared' }
  /** It could not be made; whether it can be downloaded is another matter. */
  | { kind: 'failed'; reason: string }
  /** Too many are being made. */
  | { kind: 'busy' }

export interface ReportDesk {
  /** @param hostname With which the status page was requested. */
  open(run: string, hostname: string): Promise<OpenedReport>
  /** The archive of a run; undefined where there is none. */
  download(run: string): Promise<{ content: Readable; bytes: number } | undefined>
}
