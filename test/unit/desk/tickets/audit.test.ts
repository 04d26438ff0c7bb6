import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CHAIN_START, firstBroken, hashOf, type Link } from '../../../../src/desk/tickets/audit.ts';

const deeds = fc.array(
  fc.record({
    at: fc.nat(),
    actor: fc.string(),
    what: fc.string(),
    ticket: fc.option(fc.nat(), { nil: null }),
    detail: fc.string(),
  }),
  { minLength: 1, maxLength: 12 },
);

function chainOf(told: readonly Omit<Link, 'site' | 'n' | 'hash'>[]): Link[] {
  const links: Link[] = [];
  for (const [i, deed] of told.entries()) {
    const whole = { ...deed, site: 'home', n: i + 1 };
    links.push({ ...whole, hash: hashOf(links.at(-1)?.hash ?? CHAIN_START, whole) });
  }
  return links;
}

it('a chain that nobody touched follows', () => {
  fc.assert(fc.property(deeds, (told) => firstBroken(chainOf(told)) === undefined));
});

it('whatever is changed, dropped, doubled or swapped before its last link is found, and where', () => {
  const tampering = fc.constantFrom('at', 'actor', 'what', 'ticket', 'detail', 'drop', 'double', 'swap');
  fc.assert(
    fc.property(deeds, tampering, fc.nat(), (told, how, where) => {
      const chain = chainOf([...told, ...told]);
      const i = where % (chain.length - 1);
      const link = chain[i] as Link;
      if (how === 'drop') chain.splice(i, 1);
      else if (how === 'double') chain.splice(i, 0, link);
      else if (how === 'swap') chain.splice(i, 2, chain[i + 1] as Link, link);
      else if (how === 'at' || how === 'ticket') chain[i] = { ...link, [how]: (link[how] ?? 0) + 1 };
      else chain[i] = { ...link, [how]: `${link[how]}.` };
      expect(firstBroken(chain)).toBe(how === 'double' ? i + 2 : i + 1);
    }),
  );
});
