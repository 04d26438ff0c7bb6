// `npm run check -- playbooks`: prints what is wrong with the playbooks in config/playbooks, and ends with 1 if anything is.
import { builtInPlaybooks } from '../src/platform/playbook-files.ts';
import { playbookProblems } from './playbook-rules.ts';

const problems = playbookProblems(builtInPlaybooks());
for (const problem of problems) process.stdout.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;
