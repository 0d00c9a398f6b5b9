/** What DynamoDB's protocol can't say, or DynamoDB does otherwise: what a backend on the other side of it can't do. */
import type { Driver } from '../contract.js'

const UNTRANSLATABLE = /Cannot translate the/

export const GAPS: Driver['gaps'] = {
  calculations: { reason: 'conditions and filters of DynamoDB don’t calculate', refusal: UNTRANSLATABLE },
  functions: { reason: 'a function can’t be sent', refusal: UNTRANSLATABLE },
  patterns: { reason: 'DynamoDB has no regular expressions', refusal: UNTRANSLATABLE },
  'several values': {
    reason: 'a query of DynamoDB looks for one value of a key, not for any or all of several',
    refusal: /one value of a key at a time/,
  },
  'filters of keys': {
    reason: 'DynamoDB takes no filters by attributes of the key that a query goes by',
    refusal: /Filter Expression can only contain non-primary key attributes/,
  },
  'reverse scans': { reason: 'DynamoDB scans in one direction', refusal: /Cannot scan backwards/ },
  'counts of many values': {
    reason: 'a scan of an index with several entries for an item does not tell which one it shows',
    refusal: /Cannot count the partitions/,
  },
  moments: {
    reason: 'there are no snapshots, and what is written between two pages shows',
    refusal: /Cannot hold a moment/,
  },
  listeners: { reason: 'changes are told by streams, which are not there yet', refusal: /Cannot listen to changes/ },
  'reads in transactions': {
    reason: 'DynamoDB has no transactions that read and write',
    refusal: /Cannot read in the transaction|to be (?:an )?instance of TransactionCanceledException/,
  },
  'kept answers': { reason: 'with a token DynamoDB keeps that something was done, and no answer' },
  'large transactions': { reason: 'DynamoDB takes 100 actions and 4 MB', refusal: /less than or equal to 100/ },
  'schemas of updates': {
    reason: 'what an update makes of an item is known only behind the wire',
    refusal: /the schema can’t be asked/,
  },
  'types of numbers': { reason: 'DynamoDB has one type of numbers, and so they come back as the simplest' },
  measures: { reason: 'DynamoDB tells what a read costs, in units, and neither bytes nor partitions' },
  'failed builds': {
    reason: 'DynamoDB has no unique indexes, and no way to say that one can’t be built: it is waited for',
  },
  'order of calls': {
    reason: 'requests that are sent beside each other arrive in any order',
  },
}
