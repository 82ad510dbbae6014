/** `/api/...`: JSON for programs, and the OpenAPI document that describes it. */
import { actionOperations } from '../actions/action-operations.ts'
import { alertOperations } from '../alerts/alert-operations.ts'
import type { Routes } from '../page-context.ts'
import { checkOperations, checkSchemas } from './check-operations.ts'
import { incidentOperations, incidentSchemas } from './incident-operations.ts'
import { leakOperations } from './leak-operations.ts'
import { openApiDocument } from './openapi.ts'
import type { NamedSchema, OperationsOf } from './operation.ts'
import { operationRouter } from './operation-routes.ts'

/** All parts of the API. */
const parts: readonly OperationsOf[] = [checkOperations, incidentOperations, leakOperations, alertOperations]

/** What replies share. */
const components: readonly NamedSchema[] = [...checkSchemas, ...incidentSchemas]

export const apiRoutes: Routes = context => {
  const operations = parts.flatMap(of => of(context))
  const router = operationRouter(operations)
  const document = openApiDocument([...operations, ...actionOperations], components)
  router.get('/api/openapi.json', (_request, response) => void response.json(document))
  return router
}
