/**
 * A worker thread of a scan: reads its part of a tree from the files, a page each time it is asked. It shares nothing with
 * the thread that started it but the bytes of its part that are in no file, and those of its pages: neither change. The
 * package has it as a file of its own.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { loadChecksum } from '../../base/checksum.js'
import { packError } from '../../base/portable-error.js'
import { NodeFileSystem } from '../../storage/disk/node-file-system.js'
import { type OpenedTree, openTree } from '../../storage/portable-tree.js'
import { PagePacker } from './packed-page.js'
import type { ScanAnswer, ScanQuestion, ScanTask } from './scan-task.js'

async function work(port: MessagePort, task: ScanTask): Promise<void> {
  const checksum = await loadChecksum()
  let tree: OpenedTree | undefined
  let pages: PagePacker | undefined
  // Questions that came meanwhile have waited in the port.
  port.on('message', (question: ScanQuestion) => {
    if (question === 'end') {
      tree?.close()
      // This thread alone. To close the port would not do: what NODE_OPTIONS preload may keep it alive.
      process.exit()
    }
    // One that was asked for ahead.
    if (pages?.isDone === true) return
    try {
      tree ??= openTree({ files: new NodeFileSystem(), checksum }, task.part)
      pages ??= new PagePacker(tree.cursor, task)
      const page = pages.next()
      port.postMessage({ kind: 'page', page } satisfies ScanAnswer)
    } catch (failure) {
      port.postMessage({ kind: 'failure', failure: packError(failure) } satisfies ScanAnswer)
    }
  })
}

await work(parentPort!, workerData as ScanTask)
