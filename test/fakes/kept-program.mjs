// A program to be kept running: it notes its process id in `FOLDER/starts`, says that it moves, and then does what `HOW` names.
import { appendFileSync } from 'node:fs';

const [folder = '', how = ''] = process.argv.slice(2);
process.on('disconnect', () => process.exit(9));
process.on('SIGTERM', () => {
  appendFileSync(`${folder}/ends`, `${process.pid} SIGTERM\n`);
  if (how !== 'deaf') process.exit(0);
});
appendFileSync(`${folder}/starts`, `${process.pid}\n`);
const speaking = setInterval(() => process.send?.('alive'), 50);
process.send?.('alive');
if (how === 'ends') setTimeout(() => process.exit(3), 100);
if (how === 'refuses') setTimeout(() => process.exit(2), 100);
if (how === 'hangs') {
  clearInterval(speaking);
  for (;;);
}
if (how === 'grows') globalThis.kept = Buffer.alloc(200 * 1024 * 1024, 1);
