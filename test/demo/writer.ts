/**
 * The child of the demo: writes visits to places, eight at a time, and prints the number of each as soon as it is
 * acknowledged. It never ends by itself: its parent kills it.
 */
import { open } from '../../src/index.js'
import { printNow } from '../support/print-now.js'
import { Visits } from './visits.js'

const db = await open(process.argv[2]!)
const visits = db.table(Visits)
let next = 1

async function write(): Promise<never> {
  for (;;) {
    const number = next++
    await visits.put({ traveller: `traveller-${number % 20}`, number, country: 'JP', note: 'x'.repeat(number % 200) })
    // Synchronously: what is printed was acknowledged, and what was acknowledged is printed.
    printNow(number)
  }
}

await Promise.all(Array.from({ length: 8 }, write))
