#!/usr/bin/env node
// Runs `reprise` from the sources, so that `npx reprise` works in this repository; the package has a compiled program.
import { register } from 'tsx/esm/api'

register()
// For the processes that the program starts of itself.
process.execArgv.push('--import', import.meta.resolve('tsx'))
await import('./main.ts')
