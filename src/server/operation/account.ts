/** What an account may have, and where its tables are. */
import type { Members } from '../performer.js'
import type { ServiceContext } from '../service-context.js'

/** AWS's usual quotas; nothing here is limited by them. */
export async function describeLimits(): Promise<Members> {
  return {
    AccountMaxReadCapacityUnits: 80_000,
    AccountMaxWriteCapacityUnits: 80_000,
    TableMaxReadCapacityUnits: 40_000,
    TableMaxWriteCapacityUnits: 40_000,
  }
}

/** A client that goes where it is told to must not be led to AWS. */
export async function describeEndpoints({ endpoint }: ServiceContext): Promise<Members> {
  return { Endpoints: [{ Address: endpoint(), CachePeriodInMinutes: 1440 }] }
}
