/** What is read over HTTP, for the fuzz: each parser with what real devices answer. */
import { parseHtml } from '../../src/agent/evidence/html.ts';
import { parseHttpPage } from '../../src/agent/evidence/http-page.ts';
import { LOCAL_API_ANSWERS } from '../builders/local-api-answers.ts';
import type { FuzzTarget } from './targets.ts';

const PAGES = [
  '<!doctype html><HTML><head><title>DS920&nbsp;-&nbsp;Synology</title><meta name="generator" content="x"><meta http-equiv=refresh content="0;url=/a"></head></html>',
  '<!-- a --><script>var a="<title>b</title>"</script><style>c</style><title>d &#x41;</title><script src=\'/luci-static/a\'></script>',
].map((page) => Buffer.from(page));

export const WEB_TARGETS: readonly FuzzTarget[] = [
  { name: 'http', seeds: PAGES, parse: (body) => parseHttpPage({ status: 200, headers: {}, body }, '/', 80) },
  { name: 'html', seeds: PAGES, parse: (body) => parseHtml(Buffer.from(body).toString('latin1')).title },
  ...[...new Set(LOCAL_API_ANSWERS.map(({ reader }) => reader))].map((name) => {
    const answers = LOCAL_API_ANSWERS.filter(({ reader }) => reader === name);
    return { name, seeds: answers.map(({ body }) => Buffer.from(body)), parse: answers[0]!.parse };
  }),
];
