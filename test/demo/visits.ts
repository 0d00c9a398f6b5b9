/** The table that the demo's child writes to while it is killed. */
import { type TableDef, table, type } from '../../src/index.js'

export interface Visit {
  readonly traveller: string
  readonly number: number
  readonly country: string
  readonly note: string
}

type VisitsTable = TableDef<
  Visit,
  Visit,
  readonly ['traveller', 'number'],
  { readonly byCountry: readonly ['country', 'number'] }
>

export const Visits: VisitsTable = table('visits', {
  schema: type<Visit>(),
  key: ['traveller', 'number'],
  indexes: { byCountry: ['country', 'number'] },
})
