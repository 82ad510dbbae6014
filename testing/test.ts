/**
 * Playwright's `test` without its fixtures, for tests without a page. Playwright sets up and tears down 28 of them for each
 * test, also for one that names none: half of the time of a short test. All such tests share their workers as well.
 */
export { _baseTest as test, expect } from '@playwright/test'
