/** What runs in a process of its own: one workload of one store, or one load of the door. It tells its figures as they come. */
import { once } from 'node:events'
import type { Told } from './child-process.js'
import { type DoorTask, runDoorLoad } from './door/door-load.js'
import { PASSED_ON, type PassOn } from './turns.js'
import { runWorkload, type Tell, type WorkloadTask } from './workload/workload.js'

const task = JSON.parse(process.argv[2]!) as WorkloadTask | DoorTask
const tell: Tell = (row, slices, value) => {
  const told: Told = { row, slices, ...(value !== undefined && { value }) }
  process.send!(told)
}
const itsTurn = () => once(process, 'message')
const passOn: PassOn = async () => {
  const back = itsTurn()
  process.send!(PASSED_ON)
  await back
}
await itsTurn()
if ('workload' in task) await runWorkload(task.workload, tell, passOn)
else await runDoorLoad(task.doorLoad, tell)
process.disconnect()
