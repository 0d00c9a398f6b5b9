/** Where the code of a scan's worker is: a module of its own, so that a test can put another one there. */
import { workerFileBeside } from '../../base/worker-file.js'

export const workerFile: URL = workerFileBeside(import.meta.url, 'scan-worker')
