// What npm's lock file says: which builds for other systems it lacks, and what comes with hearthbeat under which licence. Pure.

interface LockedPackage {
  version?: string;
  license?: string;
  link?: boolean;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface LockFile {
  packages: Record<string, LockedPackage>;
}

const SYSTEM = /[-/](android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)(?:-|$)/;
const PROCESSOR = /-(arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64|wasm32)(?:-|$)/;

/** Entries for the optional packages that some locked package names but the lock file does not have, by their place in it. */
export function missingBuilds(lock: LockFile): Record<string, LockedPackage> {
  const missing = Object.values(lock.packages).flatMap((locked) =>
    Object.entries(locked.optionalDependencies ?? {})
      .filter(([name]) => !(`node_modules/${name}` in lock.packages))
      .map(([name, range]) => [`node_modules/${name}`, entry(name, range, locked)] as const),
  );
  return Object.fromEntries(missing);
}

function entry(name: string, range: string, neededBy: LockedPackage): LockedPackage {
  const os = name === 'fsevents' ? 'darwin' : SYSTEM.exec(name)?.[1];
  const cpu = PROCESSOR.exec(name)?.[1];
  if (!os && !cpu) throw new Error(`${name} is not in the lock file, and its name does not say for which system it is`);
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu && { cpu: [cpu] }),
    ...(neededBy.dev && { dev: true }),
    ...(name.endsWith('musl') && { libc: ['musl'] }),
    optional: true,
    ...(os && { os: [os] }),
  };
}

/** The packages that reach a person's machine with hearthbeat, with their licences, as THIRD-PARTY-NOTICES.md. */
export function thirdPartyNotices(lock: LockFile): string {
  const rows = Object.entries(lock.packages)
    .filter(([place, { dev, link, version }]) => place.includes('node_modules/') && !dev && !link && version)
    .map(([place, { version, license }]) => `| ${place.replace(/.*node_modules\//, '')} | ${version} | ${license ?? 'see its package'} |`);
  return `${NOTICES_HEAD}${[...new Set(rows)].sort().join('\n')}\n\n${DATA_NOTICES}`;
}

const NOTICES_HEAD = `# Third-party notices

hearthbeat is licensed under the Apache License 2.0 (see LICENSE). It uses the npm packages below, unchanged, each under its own licence,
whose text is in the package. Made from package-lock.json by \`npm run lock\`.

Data: the vendor names in config/vendors come from the public registries of the IEEE, through the npm package oui-data (BSD-2-Clause); see
config/vendors/NOTICE. The lab's devices play facts from public captures, among them rapid7/recog (BSD-2-Clause); see
test/lab/devices/README.md. What the fingerprints and the samples they are measured on take over from others is listed behind the packages.

| package | version | licence |
| --- | --- | --- |
`;

const DATA_NOTICES = `## Data for telling devices apart

| source | what of it is used | licence |
| --- | --- | --- |
| home-assistant/core 2025.1.4, and its tests of 2021.6 | discovery rules, converted to JSON, given vendor names and kinds, and narrowed (config/fingerprints, rules whose source names it); samples | Apache-2.0, see LICENSE |
| rapid7/recog, commit 14fa1a7 | observations in test/data/identify; no fingerprint of it is part of the program | BSD-2-Clause, Copyright 2014, Rapid7, Inc. |
| ol-iver/denonavr, commit dfd1c47 | receiver descriptions among rules and samples | MIT, Copyright (c) 2016 Oliver Goetz |
| pywemo/pywemo, commit f7d245c | Wemo descriptions among rules and samples | MIT, Copyright 2014 Paulus Schoutsen |
| postlund/pyatv, commit 02a8cab | Apple TV, HomePod and AirPort identifiers | MIT |
| pbakondy/ios-device-list 1.1.37 | iPhone and iPad identifiers | MIT |

## Data for telling what nears its end

| source | what of it is used | licence |
| --- | --- | --- |
| endoflife-date/endoflife.date, commit a70eca3 (2026-08-22) | 1,170 of the facts in config/lifecycle whose source names it: dates, restated as JSON | MIT, Copyright 2020 endoflife.date contributors |
| codyogden/killedbygoogle, commit 4299e93 | dates of Google's hardware in config/lifecycle | MIT, Copyright (c) 2026 Cody Ogden |
| cisagov/kev-data, commit eacf03e (2025-08-25) | which devices at their end are attacked; CISA endorses nothing here | CC0 1.0 |
| hdm/mac-ages and runZeroInc/mac-tracker (commit 019565c), by HD Moore | 47 days on which address blocks were first seen, which date copies in config/lifecycle/address-blocks.json, and some 170 in test/data/address-blocks; selected and shortened | CC BY 4.0, <https://creativecommons.org/licenses/by/4.0/> |
| the IEEE's list in oui 4.4.20 to 11.0.109, oui-data 1.0.10 to 2.1.9, mac-lookup 0.1.7 and 1.0.1, and Debian's ieee-data 20220827.1 | which address blocks each of them lists, for config/lifecycle/address-blocks.bin | BSD-2-Clause packages; the IEEE asserts no copyright in its public listing |

Of the MIT-licensed: Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED,
INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL
THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE,
ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.

Of rapid7/recog (BSD-2-Clause): Redistribution and use in source and binary forms, with or without modification, are permitted provided
that the following conditions are met: 1. Redistributions of source code must retain the above copyright notice, this list of conditions
and the following disclaimer. 2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
following disclaimer in the documentation and/or other materials provided with the distribution. THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT
HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR
ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE
GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED
OF THE POSSIBILITY OF SUCH DAMAGE.
`;
