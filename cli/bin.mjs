#!/usr/bin/env node
// Runs `reprise` from the sources, so that `npx reprise` works in this repository; the package has a compiled program.
import { register } from 'tsx/esm/api'

register()
await import('./main.ts')
