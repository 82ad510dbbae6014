// Names databases and locks so that the name alone shows the run that they belong to.
import { createHash } from 'node:crypto'

/** Every database that Reprise creates has this prefix, and it drops no other. */
const prefix = 'reprise_'

/** @param {string} runId @param {string} rest */
export function databaseName(runId, rest) {
  return `${prefix}${runId}_${rest}`
}

/**
 * Advisory locks are per database, so the name depends on the maintenance database in which the template is locked.
 * @param {string} maintenanceDatabase @param {string} contentHash
 */
export function templateName(maintenanceDatabase, contentHash) {
  return `${prefix}template_${digest(maintenanceDatabase).slice(0, 8)}_${contentHash.slice(0, 24)}`
}

/** The run that owns this database; undefined for templates and for databases not created by Reprise. @param {string} name */
export function runOf(name) {
  return /^reprise_([0-9a-f]{12})_[0-9a-z_]+$/.exec(name)?.[1]
}

/** @param {string} name @param {string} maintenanceDatabase */
export function isTemplateOf(name, maintenanceDatabase) {
  const tag = digest(maintenanceDatabase).slice(0, 8)
  return /^reprise_template_[0-9a-f]{8}_[0-9a-f]{24}$/.test(name) && name.startsWith(`${prefix}template_${tag}_`)
}

/** The first keys of Reprise's advisory locks: a run that is alive, a template in use, a template being built, a seed's turn. */
export const lockClasses = { run: 726_573_001, use: 726_573_002, build: 726_573_003, seed: 726_573_004 }

/** The second key: 28 bits, so that Postgres shows the same number whether signed or not. @param {string} name */
export function lockKey(name) {
  return Number.parseInt(digest(name).slice(0, 7), 16)
}

/** @param {string} text */
function digest(text) {
  return createHash('sha256').update(text).digest('hex')
}
