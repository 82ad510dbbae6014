/** Defines values that are no credentials although they stand in such a field: replacing them everywhere would damage reports. */

/** A word in lower case with fewer characters: `required`, `passed`. */
const shortestWord = 10

/** Whether a value is too ordinary to be searched for. */
export const isHarmless = (value: string): boolean =>
  (/^\p{Ll}+$/u.test(value) && value.length < shortestWord) || isVocabulary(value)

/** Whether a value is one of Playwright's or HTTP's own, which every report has. */
export const isVocabulary = (value: string): boolean =>
  vocabulary.has(value.toLowerCase()) || /^on[A-Z][A-Za-z]+$/.test(value)

/** In lower case: what Playwright's events and HTTP consist of. */
const vocabulary: ReadonlySet<string> = new Set(
  `
  application/json application/octet-stream application/problem+json application/x-www-form-urlencoded application/zip
  image/png image/jpeg text/html text/plain multipart/form-data
  accept-charset accept-encoding accept-language access-control-allow-origin authorization cache-control connection
  content-disposition content-encoding content-length content-type content-security-policy if-modified-since
  if-none-match keep-alive last-modified proxy-authorization set-cookie transfer-encoding user-agent x-api-key
  x-csrf-token x-forwarded-for x-request-id no-store no-cache same-origin
  afterSnapshot annotations apiName apiRequestContext attachments beforeSnapshot browserContext browserName callId
  category columnNumber configFile context-options contentType deviceScaleFactor documentation duration elementHandle
  endTime error-context expectedStatus frame-snapshot frameId fullyParallel globalSetup globalTeardown globalTimeout
  inputSnapshot interrupted isBase64 isFixed lineNumber location maxFailures metadata monotonicTime outputDir pageError
  pageId parallelIndex params parentId parentStepId playwright-report pointerX pointerY projectName projectSuite
  resource-snapshot resultId rootDir screencast-frame screenshot snapshotDir snapshotName startedDateTime startTime
  statusText stepId test-results testCase testDir testId testInfo timedOut timestamp titlePath unexpected viewportSize
  wallTime workerIndex
  current-password new-password one-time-code undefined null true false
  `
    .toLowerCase()
    .trim()
    .split(/\s+/),
)
