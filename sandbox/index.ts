/** The exports of `reprise/sandbox`, for test runners other than Playwright. */
export { type OpenSandbox, openSandbox, type SandboxOptions } from './open-sandbox.ts'
