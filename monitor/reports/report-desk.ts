/** Opens reports for the status page: makes them, and gives the path at which their listener serves them. */
import { open } from 'node:fs/promises'
import { isAbsent, type KeptEvidence } from '../evidence/evidence.ts'
import type { ReportDesk } from '../status-page/report-desk.ts'
import { isLoopback, type ReportOrigin } from './report-origin.ts'
import { type ReportShelf, runPattern } from './report-shelf.ts'
import type { ReportTokens } from './report-tokens.ts'

export interface ReportDeskOptions {
  evidence: Pick<KeptEvidence, 'find'>
  shelf: ReportShelf
  tokens: ReportTokens
  /** Undefined where none is known. */
  origin: ReportOrigin | undefined
}

export function createReportDesk({ evidence, shelf, tokens, origin }: ReportDeskOptions): ReportDesk {
  return {
    async open(run, hostname) {
      const report = await shelf.open(run)
      if (report.kind !== 'ready') return report
      const hasEvidence = report.isMade
      if (!origin || (origin.isLocal && !isLoopback(hostname))) return { kind: 'unreachable', hasEvidence }
      const url = `${origin.url(tokens.label(run))}/${tokens.of(run, Date.now())}/${run}/`
      return { kind: 'ready', url, showsTraces: origin.isSecure, hasEvidence }
    },
    async download(run) {
      if (!runPattern.test(run)) return undefined
      let found = await evidence.find(run)
      if (found.kind === 'archive') {
        try {
          return { content: (await open(found.file)).createReadStream(), bytes: found.bytes }
        } catch (error) {
          if (!isAbsent(error as NodeJS.ErrnoException, found.file)) throw error
          // It was moved to the store of all instances just now.
          found = await evidence.find(run)
        }
      }
      return found.kind === 'stored' ? { content: await found.read(), bytes: found.bytes } : undefined
    },
  }
}
