/** The exports of `reprise/postgres`: a server for a run of tests, a template that is migrated once, and copies of it. */
export { type DatabaseServer, type Server, startServer } from './server.ts'
export { type Clone, createClone } from './templates/clone.ts'
export { ensureTemplate, type TemplateOptions } from './templates/template.ts'
