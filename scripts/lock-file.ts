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
  return `${NOTICES_HEAD}${[...new Set(rows)].sort().join('\n')}\n`;
}

const NOTICES_HEAD = `# Third-party notices

hearthbeat is licensed under the Apache License 2.0 (see LICENSE). It uses the npm packages below, unchanged, each under its own licence,
whose text is in the package. Made from package-lock.json by \`npm run lock\`.

Data: the vendor names in config/vendors come from the public registries of the IEEE, through the npm package oui-data (BSD-2-Clause); see
config/vendors/NOTICE. The lab's devices play facts from public captures, among them rapid7/recog (BSD-2-Clause); see
test/lab/devices/README.md.

| package | version | licence |
| --- | --- | --- |
`;
